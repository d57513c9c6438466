package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.metric.Metric;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;
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
 * @param weightBits bits of the weights in {@link Scheme#INT8}: 8, 4, 3 (stored in 4) or 2; layers
 *     of few weights stay at 8
 * @param rounding how weights find their level; all but {@link Rounding#NEAREST} need samples
 * @param maxBytes how large the file may become; needed in {@link Scheme#MIXED}, and only there
 * @param clusters how many values the weights of a layer may take in {@link Scheme#CLUSTERS}; 2 to
 *     256
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
    int weightBits,
    Rounding rounding,
    OptionalLong maxBytes,
    int clusters,
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
    if (!List.of(2, 3, 4, 8).contains(weightBits)) {
      throw new IllegalArgumentException("weights have 2, 3, 4 or 8 bits, not " + weightBits);
    }
    if (rounding != Rounding.NEAREST && (scheme == Scheme.CLUSTERS || scheme == Scheme.FP16)) {
      throw new IllegalArgumentException(
          "rounding by " + rounding + " goes with schemes of integers, not with " + scheme);
    }
    if (clusters < 2 || clusters > 256) {
      throw new IllegalArgumentException("a layer has 2 to 256 clusters, not " + clusters);
    }
    if (maxBytes.isPresent() && (scheme != Scheme.MIXED || maxBytes.getAsLong() < 1)) {
      throw new IllegalArgumentException(
          "a limit of at least one byte goes with the scheme mixed, not "
              + maxBytes.getAsLong()
              + " with "
              + scheme);
    }
    if (maxDrop.isPresent() && scheme == Scheme.MIXED) {
      throw new IllegalArgumentException("the scheme mixed holds a budget of bytes, not of drop");
    }
    if (maxDrop.isPresent() && !(maxDrop.getAsDouble() >= 0)) {
      throw new IllegalArgumentException(
          "the drop allowed must be 0 or more, not " + maxDrop.getAsDouble());
    }
    if (mostCalibrationSamples < 1 || threads < 1) {
      throw new IllegalArgumentException("at least one sample and one thread are needed");
    }
  }

  /** The components while they are set; {@link #build} checks them. */
  private static final class Draft {
    private final Scheme scheme;
    private @Nullable Calibrator calibrator;
    private double percentile = 99.99;
    private int blockSize = 32;
    private int weightBits = 8;
    private Rounding rounding = Rounding.NEAREST;
    private OptionalLong maxBytes = OptionalLong.empty();
    private int clusters = 16;
    private List<String> exclude = List.of();
    private OptionalDouble maxDrop = OptionalDouble.empty();
    private @Nullable Metric metric;
    private Toggle equalize = Toggle.AUTO;
    private Toggle smooth = Toggle.AUTO;
    private Toggle correctBias = Toggle.AUTO;
    private int mostCalibrationSamples = 512;
    private long seed = 1;
    private int threads = Math.min(4, Runtime.getRuntime().availableProcessors());

    Draft(Scheme scheme) {
      this.scheme = scheme;
    }

    Draft(QuantizationOptions options) {
      this.scheme = options.scheme;
      this.calibrator = options.calibrator;
      this.percentile = options.percentile;
      this.blockSize = options.blockSize;
      this.weightBits = options.weightBits;
      this.rounding = options.rounding;
      this.maxBytes = options.maxBytes;
      this.clusters = options.clusters;
      this.exclude = options.exclude;
      this.maxDrop = options.maxDrop;
      this.metric = options.metric;
      this.equalize = options.equalize;
      this.smooth = options.smooth;
      this.correctBias = options.correctBias;
      this.mostCalibrationSamples = options.mostCalibrationSamples;
      this.seed = options.seed;
      this.threads = options.threads;
    }

    QuantizationOptions build() {
      return new QuantizationOptions(
          scheme,
          calibrator,
          percentile,
          blockSize,
          weightBits,
          rounding,
          maxBytes,
          clusters,
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
  }

  private QuantizationOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.build();
  }

  /** Defaults for a scheme. */
  public static QuantizationOptions of(Scheme scheme) {
    return new Draft(scheme).build();
  }

  /** The same with another calibrator. */
  public QuantizationOptions withCalibrator(Calibrator value) {
    return with(draft -> draft.calibrator = value);
  }

  /** The same with another percentile. */
  public QuantizationOptions withPercentile(double value) {
    return with(draft -> draft.percentile = value);
  }

  /** The same with another block size. */
  public QuantizationOptions withBlockSize(int value) {
    return with(draft -> draft.blockSize = value);
  }

  /** The same with another number of bits for weights. */
  public QuantizationOptions withWeightBits(int value) {
    return with(draft -> draft.weightBits = value);
  }

  /** The same with another way of rounding weights. */
  public QuantizationOptions withRounding(Rounding value) {
    return with(draft -> draft.rounding = value);
  }

  /** The same with a limit of the file's size. */
  public QuantizationOptions withMaxBytes(long value) {
    return with(draft -> draft.maxBytes = OptionalLong.of(value));
  }

  /** The same with another number of clusters. */
  public QuantizationOptions withClusters(int value) {
    return with(draft -> draft.clusters = value);
  }

  /** The same with other nodes that stay in float. */
  public QuantizationOptions withExclude(List<String> value) {
    return with(draft -> draft.exclude = value);
  }

  /** The same with a budget. */
  public QuantizationOptions withMaxDrop(double value) {
    return with(draft -> draft.maxDrop = OptionalDouble.of(value));
  }

  /** The same with another metric. */
  public QuantizationOptions withMetric(Metric value) {
    return with(draft -> draft.metric = value);
  }

  /** The same with equalization across layers always, never, or if it helps. */
  public QuantizationOptions withEqualize(Toggle value) {
    return with(draft -> draft.equalize = value);
  }

  /** The same with smoothing of activations always, never, or if it helps. */
  public QuantizationOptions withSmooth(Toggle value) {
    return with(draft -> draft.smooth = value);
  }

  /** The same with corrected biases always, never, or if they help. */
  public QuantizationOptions withCorrectBias(Toggle value) {
    return with(draft -> draft.correctBias = value);
  }

  /** The same with another limit of calibration samples. */
  public QuantizationOptions withMostCalibrationSamples(int value) {
    return with(draft -> draft.mostCalibrationSamples = value);
  }

  /** The same with another seed. */
  public QuantizationOptions withSeed(long value) {
    return with(draft -> draft.seed = value);
  }

  /** The same with another number of threads. */
  public QuantizationOptions withThreads(int value) {
    return with(draft -> draft.threads = value);
  }
}
