package dev.tinytitan.compress.quantize;

import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How a model is quantized. Immutable; {@link #of} gives defaults, each {@code with…} method a
 * changed copy.
 *
 * @param scheme what is stored small and what is computed in integers
 * @param calibrator how ranges of activations are found ({@link Scheme#INT8}); null for whichever
 *     of min-max, percentile and mse measures best
 * @param percentile of the values that {@link Calibrator#PERCENTILE} keeps; above 50, at most 100
 * @param blockSize weights that share a scale in {@link Scheme#INT4_WEIGHTS}; a power of two from
 *     16
 * @param exclude names of nodes that stay in float, or patterns of them with {@code *} and {@code
 *     ?}
 * @param maxDrop how much worse the result may be, in the metric's unit, at 95 % confidence; layers
 *     go back to higher precision until it holds
 * @param metric what {@code maxDrop} is about; null for accuracy where samples have labels, else
 *     cosine of outputs
 * @param equalize whether ranges are equalized across layers ({@link Scheme#INT8})
 * @param smooth whether difficulty is moved from activations to weights ({@link Scheme#INT8},
 *     {@link Scheme#INT8_DYNAMIC})
 * @param correctBias whether biases make up for the mean error of rounded weights
 * @param mostCalibrationSamples no more samples than this are calibrated with
 * @param seed decides which samples are kept from calibration to evaluate with
 * @param threads the most threads a run of the model uses
 */
public record QuantizationOptions(
    Scheme scheme,
    @Nullable Calibrator calibrator,
    double percentile,
    int blockSize,
    List<String> exclude,
    OptionalDouble maxDrop,
    @Nullable Metric metric,
    Toggle equalize,
    Toggle smooth,
    Toggle correctBias,
    int mostCalibrationSamples,
    long seed,
    int threads) {

  public QuantizationOptions {
    exclude = List.copyOf(exclude);
    if (!(percentile > 50 && percentile <= 100)) {
      throw new IllegalArgumentException(
          "the percentile must be above 50 and at most 100, not " + percentile);
    }
    if (blockSize < 16 || Integer.bitCount(blockSize) != 1) {
      throw new IllegalArgumentException(
          "the block size must be a power of two from 16 on, not " + blockSize);
    }
    if (maxDrop.isPresent() && !(maxDrop.getAsDouble() >= 0)) {
      throw new IllegalArgumentException(
          "the drop allowed must be 0 or more, not " + maxDrop.getAsDouble());
    }
    if (mostCalibrationSamples < 1 || threads < 1) {
      throw new IllegalArgumentException("at least one sample and one thread are needed");
    }
  }

  /** Defaults for a scheme. */
  public static QuantizationOptions of(Scheme scheme) {
    return new QuantizationOptions(
        scheme,
        null,
        99.99,
        32,
        List.of(),
        OptionalDouble.empty(),
        null,
        Toggle.AUTO,
        Toggle.AUTO,
        Toggle.AUTO,
        512,
        1,
        Math.min(4, Runtime.getRuntime().availableProcessors()));
  }

  /** The same with another calibrator. */
  public QuantizationOptions withCalibrator(Calibrator value) {
    return new QuantizationOptions(
        scheme,
        value,
        percentile,
        blockSize,
        exclude,
        maxDrop,
        metric,
        equalize,
        smooth,
        correctBias,
        mostCalibrationSamples,
        seed,
        threads);
  }

  /** The same with another percentile. */
  public QuantizationOptions withPercentile(double value) {
    return new QuantizationOptions(
        scheme,
        calibrator,
        value,
        blockSize,
        exclude,
        maxDrop,
        metric,
        equalize,
        smooth,
        correctBias,
        mostCalibrationSamples,
        seed,
        threads);
  }

  /** The same with another block size. */
  public QuantizationOptions withBlockSize(int value) {
    return new QuantizationOptions(
        scheme,
        calibrator,
        percentile,
        value,
        exclude,
        maxDrop,
        metric,
        equalize,
        smooth,
        correctBias,
        mostCalibrationSamples,
        seed,
        threads);
  }

  /** The same with other nodes that stay in float. */
  public QuantizationOptions withExclude(List<String> value) {
    return new QuantizationOptions(
        scheme,
        calibrator,
        percentile,
        blockSize,
        value,
        maxDrop,
        metric,
        equalize,
        smooth,
        correctBias,
        mostCalibrationSamples,
        seed,
        threads);
  }

  /** The same with a budget. */
  public QuantizationOptions withMaxDrop(double value) {
    return new QuantizationOptions(
        scheme,
        calibrator,
        percentile,
        blockSize,
        exclude,
        OptionalDouble.of(value),
        metric,
        equalize,
        smooth,
        correctBias,
        mostCalibrationSamples,
        seed,
        threads);
  }

  /** The same with another metric. */
  public QuantizationOptions withMetric(Metric value) {
    return new QuantizationOptions(
        scheme,
        calibrator,
        percentile,
        blockSize,
        exclude,
        maxDrop,
        value,
        equalize,
        smooth,
        correctBias,
        mostCalibrationSamples,
        seed,
        threads);
  }

  /** The same with equalization across layers always, never, or if it helps. */
  public QuantizationOptions withEqualize(Toggle value) {
    return new QuantizationOptions(
        scheme,
        calibrator,
        percentile,
        blockSize,
        exclude,
        maxDrop,
        metric,
        value,
        smooth,
        correctBias,
        mostCalibrationSamples,
        seed,
        threads);
  }

  /** The same with smoothing of activations always, never, or if it helps. */
  public QuantizationOptions withSmooth(Toggle value) {
    return new QuantizationOptions(
        scheme,
        calibrator,
        percentile,
        blockSize,
        exclude,
        maxDrop,
        metric,
        equalize,
        value,
        correctBias,
        mostCalibrationSamples,
        seed,
        threads);
  }

  /** The same with corrected biases always, never, or if they help. */
  public QuantizationOptions withCorrectBias(Toggle value) {
    return new QuantizationOptions(
        scheme,
        calibrator,
        percentile,
        blockSize,
        exclude,
        maxDrop,
        metric,
        equalize,
        smooth,
        value,
        mostCalibrationSamples,
        seed,
        threads);
  }

  /** The same with another limit of calibration samples. */
  public QuantizationOptions withMostCalibrationSamples(int value) {
    return new QuantizationOptions(
        scheme,
        calibrator,
        percentile,
        blockSize,
        exclude,
        maxDrop,
        metric,
        equalize,
        smooth,
        correctBias,
        value,
        seed,
        threads);
  }

  /** The same with another seed. */
  public QuantizationOptions withSeed(long value) {
    return new QuantizationOptions(
        scheme,
        calibrator,
        percentile,
        blockSize,
        exclude,
        maxDrop,
        metric,
        equalize,
        smooth,
        correctBias,
        mostCalibrationSamples,
        value,
        threads);
  }

  /** The same with another number of threads. */
  public QuantizationOptions withThreads(int value) {
    return new QuantizationOptions(
        scheme,
        calibrator,
        percentile,
        blockSize,
        exclude,
        maxDrop,
        metric,
        equalize,
        smooth,
        correctBias,
        mostCalibrationSamples,
        seed,
        value);
  }
}
