package dev.tinytitan.edge.learn;

import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Replaces constants of a graph. */
final class Constants {
  private Constants() {}

  /**
   * A graph with other constants. Where their shapes differ, the declared types of outputs follow.
   *
   * @throws dev.tinytitan.ShapeMismatchException if the new shapes do not fit the operators
   */
  static Graph replace(Graph graph, Map<String, Tensor> changed) {
    Map<String, Tensor> constants = new LinkedHashMap<>(graph.initializers());
    boolean reshaped = false;
    for (Map.Entry<String, Tensor> each : changed.entrySet()) {
      Tensor old = constants.put(each.getKey(), each.getValue());
      reshaped |= old == null || !old.shape().equals(each.getValue().shape());
    }
    Graph.Builder builder = graph.toBuilder().initializers(constants);
    if (!reshaped) {
      return builder.build();
    }
    builder.annotations(List.of());
    Map<String, TensorType> types = TypeInference.infer(builder.build());
    List<Value> outputs = new ArrayList<>();
    for (Value output : graph.outputs()) {
      outputs.add(new Value(output.name(), merged(output, types), output.doc()));
    }
    return builder.outputs(outputs).build();
  }

  /** What is declared, with the sizes that were inferred to be others. */
  private static TensorType merged(Value output, Map<String, TensorType> types) {
    TensorType declared = output.tensorType();
    TensorType inferred = types.get(output.name());
    if (inferred == null
        || !inferred.hasRank()
        || !declared.hasRank()
        || inferred.rank() != declared.rank()) {
      return declared;
    }
    List<Dim> dims = new ArrayList<>(declared.knownDims());
    for (int i = 0; i < dims.size(); i++) {
      if (dims.get(i).isFixed() && inferred.dim(i).isFixed()) {
        dims.set(i, inferred.dim(i));
      }
    }
    return declared.withDims(dims);
  }
}
