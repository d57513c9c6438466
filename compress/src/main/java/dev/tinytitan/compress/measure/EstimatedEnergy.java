package dev.tinytitan.compress.measure;

import dev.tinytitan.Model;
import dev.tinytitan.compress.prune.Footprint;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * Energy from what a model computes and reads, with the figures of Horowitz (2014, "Computing's
 * energy problem", 45 nm): a multiply-add takes 4.6 pJ in float32 and 0.23 pJ on 8-bit integers,
 * and a byte of weights that is read from a large on-chip memory about 25 pJ. What a processor
 * needs for everything else is left out: compare models by it, do not plan batteries. Immutable.
 */
public final class EstimatedEnergy implements RunEnergy {
  private static final double FLOAT_MULTIPLY_ADD = 4.6e-12;
  private static final double INTEGER_MULTIPLY_ADD = 0.23e-12;
  private static final double WEIGHT_BYTE = 25e-12;

  /** The estimate. */
  public EstimatedEnergy() {}

  @Override
  public String method() {
    return "estimated from multiply-adds and bytes (Horowitz 2014), not measured";
  }

  @Override
  public double joules(Model model, Map<String, Tensor> inputs, double nanos) {
    Map<String, Shape> shapes = new HashMap<>();
    inputs.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    Footprint footprint = Footprint.of(model, shapes);
    boolean integers =
        model.graph().nodes().stream()
            .anyMatch(node -> node.operator().spec().name().contains("QuantizeLinear"));
    return footprint.multiplyAdds() * (integers ? INTEGER_MULTIPLY_ADD : FLOAT_MULTIPLY_ADD)
        + footprint.bytes() * WEIGHT_BYTE;
  }
}
