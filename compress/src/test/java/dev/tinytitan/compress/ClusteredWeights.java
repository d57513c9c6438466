package dev.tinytitan.compress;

import dev.tinytitan.Model;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.pass.FoldConstants;
import dev.tinytitan.pass.Pipelines;
import dev.tinytitan.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Weights that are stored by codebooks, however their indices are. */
public final class ClusteredWeights {
  private static final String LOOKED_UP = "_dequantized";

  private ClusteredWeights() {}

  /** The weights that each clustered layer computes with, by the constant's name before. */
  public static Map<String, Tensor> of(Model clustered) {
    Graph graph = Pipelines.run(clustered.graph(), List.of(new FoldConstants(false))).graph();
    Map<String, Tensor> weights = new LinkedHashMap<>();
    graph
        .initializers()
        .forEach((name, tensor) -> {
          if (name.endsWith(LOOKED_UP)) {
            weights.put(name.substring(0, name.length() - LOOKED_UP.length()), tensor);
          }
        });
    return weights;
  }
}
