package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.quantize.QuantizationOptions;
import dev.tinytitan.compress.quantize.Quantizer;
import dev.tinytitan.compress.quantize.Scheme;
import dev.tinytitan.train.TrainingListener;
import java.util.List;
import java.util.Optional;

/**
 * Quantizes to integers, and trains while weights and activations are rounded as they will be, to
 * answer as the original does.
 *
 * @param weightBits 8, 4, 3 or 2
 * @param plan how long and how fast
 * @param exclude names of nodes, or patterns, that stay in float
 * @param calibration at most so many samples calibrate first
 */
public record QuantizationAware(
    int weightBits, TrainingPlan plan, List<String> exclude, int calibration) implements Step {
  public QuantizationAware {
    exclude = List.copyOf(exclude);
    if (calibration < 1) {
      throw new IllegalArgumentException("at least one sample calibrates, not " + calibration);
    }
    // The library's own check, now and not in the middle of a search.
    QuantizationOptions.of(Scheme.INT8).withWeightBits(weightBits);
  }

  /** All else at its default. */
  public static QuantizationAware of(int weightBits, TrainingPlan plan) {
    return new QuantizationAware(weightBits, plan, List.of(), Quantize.DEFAULT_SAMPLES);
  }

  @Override
  public String kind() {
    return "quantization-aware";
  }

  @Override
  public String label() {
    return "aware w" + weightBits + "a8 " + plan.label();
  }

  @Override
  public String words() {
    return "quantize weights to "
        + weightBits
        + " bits and activations to 8, and train with both so rounded, "
        + plan.words()
        + (exclude.isEmpty() ? "" : ", but for " + String.join(", ", exclude));
  }

  @Override
  public Optional<TrainingPlan> training() {
    return Optional.of(plan);
  }

  @Override
  public Model apply(Model model, StepContext context) {
    QuantizationOptions options =
        QuantizationOptions.of(Scheme.INT8)
            .withWeightBits(weightBits)
            .withExclude(exclude)
            .withMostCalibrationSamples(calibration)
            .withSeed(context.seed())
            .withThreads(context.threads());
    TrainingListener listener = TrainingPlan.listener("quantization-aware training", context);
    return new Quantizer(options, context.progress())
        .withTraining((between, masking) ->
            Distill.distill(between, Distill.of(plan), masking, context, listener))
        .quantize(model, context.calibration(calibration), Samples.none())
        .model();
  }
}
