package dev.tinytitan.compress.quantize;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.OverBudgetException;
import dev.tinytitan.compress.FineTuning;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.Samples;
import java.util.List;
import java.util.Optional;

/**
 * Makes a model smaller by storing its weights, and computing where the scheme says so, in fewer
 * bits.
 *
 * <pre>{@code
 * QuantizationOptions options = QuantizationOptions.of(Scheme.INT8).withMaxDrop(1);
 * QuantizationResult result = new Quantizer(options).quantize(model, samples);
 * result.model().save(Path.of("small.onnx"));
 * }</pre>
 *
 * <p>The same model, samples and options give the same model, byte for byte, on the same engine.
 * Immutable and safe for use by many threads.
 */
public final class Quantizer {
  /** Of samples that come in one piece, the share that calibration sees. */
  private static final double CALIBRATION_SHARE = 0.5;

  private final QuantizationOptions options;
  private final Progress progress;
  private final Optional<FineTuning> training;

  /** A quantizer that tells nobody how far it is. */
  public Quantizer(QuantizationOptions options) {
    this(options, Progress.NONE);
  }

  /** A quantizer that reports its progress. */
  public Quantizer(QuantizationOptions options, Progress progress) {
    this(options, progress, Optional.empty());
  }

  private Quantizer(QuantizationOptions options, Progress progress, Optional<FineTuning> training) {
    this.options = options;
    this.progress = progress;
    this.training = training;
  }

  /**
   * The same, training on while weights and activations are rounded as they will be
   * (quantization-aware training, with learned steps: Esser et al. 2020). It begins where
   * quantizing alone ends. With codebooks their values are trained, and which weight has which (Han
   * et al. 2016, Cardinaux et al. 2019). Zeros of pruned weights are kept if the training keeps
   * them.
   *
   * @throws IllegalArgumentException if the scheme is none of {@link Scheme#INT8}, {@link
   *     Scheme#MIXED} and {@link Scheme#CLUSTERS}
   */
  public Quantizer withTraining(FineTuning value) {
    if (!List.of(Scheme.INT8, Scheme.MIXED, Scheme.CLUSTERS).contains(options.scheme())) {
      throw new IllegalArgumentException(
          "training goes with the schemes int8, mixed and clusters, not with " + options.scheme());
    }
    return new Quantizer(options, progress, Optional.of(value));
  }

  /**
   * Quantizes without data.
   *
   * @throws BadDataException if the scheme or the budget needs data
   */
  public QuantizationResult quantize(Model model) {
    return quantize(model, Samples.none(), Samples.none());
  }

  /**
   * Quantizes, calibrating with a half of the samples and judging with the other.
   *
   * @throws BadDataException if the samples do not fit the model
   * @throws OverBudgetException if the budget cannot be held
   */
  public QuantizationResult quantize(Model model, Samples samples) {
    List<Samples> parts = samples.split(CALIBRATION_SHARE, options.seed());
    return samples.size() == 1
        ? quantize(model, samples, Samples.none())
        : quantize(model, parts.get(0), parts.get(1));
  }

  /**
   * Quantizes.
   *
   * @param calibration samples to find ranges and make choices with
   * @param evaluation samples to judge with; none of them should be among the others
   * @throws BadDataException if samples are missing, or one does not fit the model
   * @throws OverBudgetException if the budget cannot be held
   */
  public QuantizationResult quantize(Model model, Samples calibration, Samples evaluation) {
    return new QuantizationRun(model, options, calibration, evaluation, training, progress).run();
  }
}
