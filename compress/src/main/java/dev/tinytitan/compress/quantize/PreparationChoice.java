package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.Samples;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Chooses what is done to a float model before it is quantized, by what it does to the outputs. */
final class PreparationChoice {
  /** How much better, in decibels, a step must make the outputs to be worth it. */
  private static final double WORTH_DOING = 0.1;

  /** As {@link #WORTH_DOING}, for a step that may add multiplications to the model. */
  private static final double WORTH_MULTIPLYING = 1;

  private static final List<Double> STRENGTHS = List.of(0.5, 0.6, 0.7, 0.8);

  private final Quantization quantization;
  private final QuantizationOptions options;
  private final ModelInfo info;
  private final Samples probe;

  /**
   * @param probe calibration samples that candidates are measured on; may be empty
   */
  PreparationChoice(
      Quantization quantization, QuantizationOptions options, ModelInfo info, Samples probe) {
    this.quantization = quantization;
    this.options = options;
    this.info = info;
    this.probe = probe;
  }

  /** Takes the steps asked for, and of the others those that measurably help. */
  Preparation choose() {
    Graph folded = quantization.folded();
    boolean mayEqualize =
        isPossible(options.equalize(), Scheme.INT8, Scheme.MIXED)
            && CrossLayerEqualization.isPossible(folded);
    boolean maySmooth =
        isPossible(options.smooth(), Scheme.INT8, Scheme.MIXED, Scheme.INT8_DYNAMIC)
            && !ActivationSmoothing.observed(folded, quantization.selection(folded, Set.of()))
                .isEmpty();
    boolean mayCorrect =
        isPossible(
            options.correctBias(),
            Scheme.INT8,
            Scheme.MIXED,
            Scheme.INT8_DYNAMIC,
            Scheme.INT8_WEIGHTS,
            Scheme.INT4_WEIGHTS,
            Scheme.CLUSTERS);
    Calibrator calibrator = options.calibrator();
    boolean mayCalibrate = calibrator == null && quantization.isStatic();
    Choice choice =
        new Choice(
            new Preparation(
                0, 0, false, calibrator == null ? Calibrator.MIN_MAX : calibrator, false));
    // Biases first: what is left over of their mean error would hide what the other steps do.
    if (mayCorrect) {
      choice.consider(
          options.correctBias(), WORTH_DOING, List.of(choice.best.withBiases(true, false)));
    }
    if (mayEqualize) {
      List<Preparation> candidates = new ArrayList<>();
      candidates.add(choice.best.withEqualize(Preparation.BY_WEIGHTS));
      STRENGTHS.forEach(strength -> candidates.add(choice.best.withEqualize(strength)));
      choice.consider(options.equalize(), WORTH_DOING, candidates);
    }
    if (maySmooth) {
      choice.consider(
          options.smooth(),
          WORTH_MULTIPLYING,
          STRENGTHS.stream().map(choice.best::withSmooth).toList());
    }
    if (mayCalibrate) {
      choice.consider(
          Toggle.AUTO,
          WORTH_DOING,
          List.of(
              choice.best.withCalibrator(Calibrator.PERCENTILE),
              choice.best.withCalibrator(Calibrator.MSE)));
    }
    // Last, as it makes up for what all that is decided leaves.
    if (mayCorrect && quantization.isStatic() && MeasuredBiasCorrection.isPossible(folded)) {
      choice.consider(
          options.correctBias(),
          WORTH_DOING,
          List.of(choice.best.withBiases(choice.best.correctBias(), true)));
    }
    return choice.best;
  }

  /** The best preparation so far. */
  private final class Choice {
    private Preparation best;
    private double quality = Double.NaN;

    Choice(Preparation first) {
      this.best = first;
    }

    /** Takes the best of the candidates if it is asked for, or if it is better by a margin. */
    void consider(Toggle toggle, double margin, List<Preparation> candidates) {
      if (toggle == Toggle.ON && candidates.size() == 1) {
        best = candidates.get(0);
        quality = Double.NaN;
        return;
      }
      if (Double.isNaN(quality)) {
        quality = quality(best);
      }
      double least = toggle == Toggle.ON ? Double.NEGATIVE_INFINITY : quality + margin;
      for (Preparation candidate : candidates) {
        double with = quality(candidate);
        if (with > least) {
          best = candidate;
          quality = with;
          least = with;
        }
      }
    }
  }

  /** The signal-to-noise ratio of the outputs on a few samples, in decibels. */
  private double quality(Preparation preparation) {
    Prepared prepared = quantization.prepare(preparation, probe);
    return new Analysis(quantization.folded(), info, probe, options.threads())
        .outputSignalToNoise(quantization.rewrite(prepared, Set.of()).graph());
  }

  private boolean isPossible(Toggle toggle, Scheme... schemes) {
    return toggle != Toggle.OFF && List.of(schemes).contains(options.scheme()) && probe.size() > 0;
  }
}
