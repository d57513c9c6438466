package dev.tinytitan.compress.quantize;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.OverBudgetException;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.Samples;
import java.util.List;

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

  /** A quantizer that tells nobody how far it is. */
  public Quantizer(QuantizationOptions options) {
    this(options, Progress.NONE);
  }

  /** A quantizer that reports its progress. */
  public Quantizer(QuantizationOptions options, Progress progress) {
    this.options = options;
    this.progress = progress;
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
    return new QuantizationRun(model, options, calibration, evaluation, progress).run();
  }
}
