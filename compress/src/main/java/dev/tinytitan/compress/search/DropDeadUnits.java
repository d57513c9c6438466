package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.prune.DeadUnits;
import dev.tinytitan.tensor.Shape;
import java.util.HashMap;
import java.util.Map;

/**
 * Takes out channels and neurons that sparse pruning left without use; see {@link DeadUnits}. Taken
 * after pruning, before the weights are quantized or clustered.
 */
public record DropDeadUnits() implements Step {
  @Override
  public String kind() {
    return "drop-dead-units";
  }

  @Override
  public String label() {
    return "drop dead units";
  }

  @Override
  public String words() {
    return "take out channels and neurons that no weight uses";
  }

  @Override
  public Model apply(Model model, StepContext context) {
    Map<String, Shape> shapes = new HashMap<>();
    Samples samples = context.calibration(1);
    if (samples.size() > 0) {
      samples.get(0).inputs().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    }
    return DeadUnits.drop(model, shapes);
  }
}
