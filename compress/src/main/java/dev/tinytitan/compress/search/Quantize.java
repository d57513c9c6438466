package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.quantize.Calibrator;
import dev.tinytitan.compress.quantize.QuantizationOptions;
import dev.tinytitan.compress.quantize.Quantizer;
import dev.tinytitan.compress.quantize.Rounding;
import dev.tinytitan.compress.quantize.Scheme;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Stores weights in fewer bits, and computes in integers where the scheme says so.
 *
 * @param scheme any but {@link Scheme#CLUSTERS}, which is {@link Cluster}
 * @param calibrator how ranges are found; null for whichever measures best
 * @param rounding how weights find their level
 * @param weightBits bits of weights in {@link Scheme#INT8}
 * @param maxBytes of the file, in {@link Scheme#MIXED}
 * @param exclude names of nodes, or patterns, that stay in float
 * @param samples at most so many calibrate
 */
public record Quantize(
    Scheme scheme,
    @Nullable Calibrator calibrator,
    Rounding rounding,
    int weightBits,
    OptionalLong maxBytes,
    List<String> exclude,
    int samples)
    implements Step {

  /** Samples that calibrate unless a recipe says otherwise. */
  public static final int DEFAULT_SAMPLES = 200;

  public Quantize {
    exclude = List.copyOf(exclude);
    if (scheme == Scheme.CLUSTERS) {
      throw new IllegalArgumentException("the scheme clusters is the step cluster");
    }
    if (maxBytes.isPresent() != (scheme == Scheme.MIXED)) {
      throw new IllegalArgumentException("the scheme mixed and maxBytes go together");
    }
    if (weightBits != 8 && scheme != Scheme.INT8) {
      throw new IllegalArgumentException("weightBits goes with the scheme int8, not " + scheme);
    }
    if (samples < 1) {
      throw new IllegalArgumentException("at least one sample calibrates, not " + samples);
    }
    // The library's own checks, now and not in the middle of a search.
    options(scheme, calibrator, rounding, weightBits, maxBytes);
  }

  /** The scheme with all else at its default. */
  public static Quantize of(Scheme scheme) {
    return new Quantize(
        scheme, null, Rounding.NEAREST, 8, OptionalLong.empty(), List.of(), DEFAULT_SAMPLES);
  }

  /** Integers with weights of so many bits, rounded this way. */
  public static Quantize integers(int weightBits, Rounding rounding) {
    return new Quantize(
        Scheme.INT8, null, rounding, weightBits, OptionalLong.empty(), List.of(), DEFAULT_SAMPLES);
  }

  /** The same with nodes that stay in float. */
  public Quantize withExclude(List<String> names) {
    return new Quantize(scheme, calibrator, rounding, weightBits, maxBytes, names, samples);
  }

  private static QuantizationOptions options(
      Scheme scheme,
      @Nullable Calibrator calibrator,
      Rounding rounding,
      int weightBits,
      OptionalLong maxBytes) {
    QuantizationOptions options =
        QuantizationOptions.of(scheme).withWeightBits(weightBits).withRounding(rounding);
    if (calibrator != null) {
      options = options.withCalibrator(calibrator);
    }
    return maxBytes.isPresent() ? options.withMaxBytes(maxBytes.getAsLong()) : options;
  }

  @Override
  public String kind() {
    return "quantize";
  }

  @Override
  public String label() {
    return (scheme == Scheme.INT8
            ? "int8" + (weightBits == 8 ? "" : " w" + weightBits)
            : scheme.label())
        + (rounding == Rounding.NEAREST ? "" : " " + rounding);
  }

  @Override
  public String words() {
    String what =
        switch (scheme) {
          case INT8 ->
              "quantize weights to "
                  + weightBits
                  + " bits and activations to 8, computing in integers";
          case MIXED ->
              "quantize weights to 8, 4 or 2 bits, as layers bear it, for a file of at most "
                  + maxBytes.getAsLong()
                  + " bytes";
          case INT8_DYNAMIC -> "quantize weights to 8 bits, and activations while the model runs";
          case INT8_WEIGHTS -> "store weights as 8-bit integers";
          case INT4_WEIGHTS -> "store weights as 4-bit integers in blocks";
          case FP16 -> "store weights as 16-bit floating point";
          case CLUSTERS -> throw new IllegalStateException("refused by the constructor");
        };
    return what
        + (rounding == Rounding.NEAREST ? "" : ", rounded by " + rounding)
        + (calibrator == null ? "" : ", ranges by " + calibrator)
        + (exclude.isEmpty() ? "" : ", but for " + String.join(", ", exclude));
  }

  @Override
  public Model apply(Model model, StepContext context) {
    QuantizationOptions options =
        options(scheme, calibrator, rounding, weightBits, maxBytes)
            .withExclude(exclude)
            .withMostCalibrationSamples(samples)
            .withSeed(context.seed())
            .withThreads(context.threads());
    return new Quantizer(options, context.progress())
        .quantize(model, context.calibration(samples), Samples.none())
        .model();
  }
}
