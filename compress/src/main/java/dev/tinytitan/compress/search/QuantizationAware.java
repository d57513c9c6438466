package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.quantize.QuantizationOptions;
import dev.tinytitan.compress.quantize.Quantizer;
import dev.tinytitan.compress.quantize.Scheme;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Quantizes to integers, and trains while weights and activations are rounded as they will be, to
 * answer as the original does.
 *
 * @param weightBits 8, 4, 3 or 2; 8 where there is a limit of bytes
 * @param maxBytes of the file: layers then have 8, 4 or 2 bits as they bear it; empty for weights
 *     that all have the same
 * @param teaching how it is trained
 * @param exclude names of nodes, or patterns, that stay in float
 * @param calibration at most so many samples calibrate first
 */
public record QuantizationAware(
    int weightBits, OptionalLong maxBytes, Distill teaching, List<String> exclude, int calibration)
    implements Step {
  public QuantizationAware {
    exclude = List.copyOf(exclude);
    if (calibration < 1) {
      throw new IllegalArgumentException("at least one sample calibrates, not " + calibration);
    }
    // The library's own check, now and not in the middle of a search.
    options(weightBits, maxBytes);
  }

  private static QuantizationOptions options(int weightBits, OptionalLong maxBytes) {
    if (maxBytes.isEmpty()) {
      return QuantizationOptions.of(Scheme.INT8).withWeightBits(weightBits);
    }
    if (weightBits != 8) {
      throw new IllegalArgumentException(
          "weightBits and maxBytes are two ways to say it: give one");
    }
    return QuantizationOptions.of(Scheme.MIXED).withMaxBytes(maxBytes.getAsLong());
  }

  /** All else at its default. */
  public static QuantizationAware of(int weightBits, TrainingPlan plan) {
    return new QuantizationAware(
        weightBits, OptionalLong.empty(), Distill.of(plan), List.of(), Quantize.DEFAULT_SAMPLES);
  }

  /** The same, trained by another plan, and with other nodes that stay in float. */
  QuantizationAware with(TrainingPlan plan, List<String> names) {
    return new QuantizationAware(
        weightBits,
        maxBytes,
        new Distill(plan, teaching.temperature(), teaching.labelWeight()),
        names,
        calibration);
  }

  @Override
  public String kind() {
    return "quantization-aware";
  }

  @Override
  public String label() {
    return "aware "
        + (maxBytes.isPresent() ? "mixed" : "w" + weightBits + "a8")
        + " "
        + teaching.plan().label();
  }

  @Override
  public String words() {
    return "quantize weights to "
        + (maxBytes.isPresent()
            ? "8, 4 or 2 bits, for a file of at most " + maxBytes.getAsLong() + " bytes,"
            : weightBits + " bits")
        + " and activations to 8, and train with both so rounded, "
        + teaching.plan().words()
        + (exclude.isEmpty() ? "" : ", but for " + String.join(", ", exclude));
  }

  @Override
  public Optional<TrainingPlan> training() {
    return Optional.of(teaching.plan());
  }

  @Override
  public Model apply(Model model, StepContext context) {
    QuantizationOptions options =
        options(weightBits, maxBytes)
            .withExclude(exclude)
            .withMostCalibrationSamples(calibration)
            .withSeed(context.seed())
            .withThreads(context.threads());
    return new Quantizer(options, context.progress())
        .withTraining(teaching.fineTuning("quantization-aware training", context))
        .quantize(model, context.calibration(calibration), Samples.none())
        .model();
  }
}
