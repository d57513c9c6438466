package dev.tinytitan.compress.measure;

import dev.tinytitan.Model;
import dev.tinytitan.tensor.Tensor;
import java.util.Map;

/** Says how much energy a run of a model takes: by measuring, or by an estimate. */
public interface RunEnergy {

  /** How it knows, in a few words for reports, such as {@code estimated from operations}. */
  String method();

  /**
   * The energy of one run.
   *
   * @param inputs of the model
   * @param nanos what a run takes here, measured on one thread
   * @return joules
   */
  double joules(Model model, Map<String, Tensor> inputs, double nanos);
}
