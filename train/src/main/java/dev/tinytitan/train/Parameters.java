package dev.tinytitan.train;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.ConvTranspose;
import dev.tinytitan.op.GRU;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.GroupNormalization;
import dev.tinytitan.op.InstanceNormalization;
import dev.tinytitan.op.LSTM;
import dev.tinytitan.op.LayerNormalization;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.PRelu;
import dev.tinytitan.op.RMSNormalization;
import dev.tinytitan.op.RNN;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.FakeQuantize;
import dev.tinytitan.train.op.NearestValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Which initializers of a model are parameters that can be learned. */
final class Parameters {
  /** By operator, the inputs that hold parameters where they are initializers. */
  private static final Map<Class<? extends Operator>, Set<Integer>> SLOTS =
      Map.ofEntries(
          Map.entry(Conv.class, Set.of(1, 2)),
          Map.entry(ConvTranspose.class, Set.of(1, 2)),
          Map.entry(Gemm.class, Set.of(0, 1, 2)),
          Map.entry(FakeQuantize.class, Set.of(0, 1)),
          Map.entry(NearestValue.class, Set.of(0, 1)),
          Map.entry(MatMul.class, Set.of(0, 1)),
          Map.entry(Add.class, Set.of(0, 1)),
          Map.entry(PRelu.class, Set.of(1)),
          Map.entry(Gather.class, Set.of(0)),
          Map.entry(GRU.class, Set.of(1, 2, 3)),
          Map.entry(LSTM.class, Set.of(1, 2, 3)),
          Map.entry(RNN.class, Set.of(1, 2, 3)),
          Map.entry(BatchNormalization.class, Set.of(1, 2)),
          Map.entry(LayerNormalization.class, Set.of(1, 2)),
          Map.entry(RMSNormalization.class, Set.of(1)),
          Map.entry(InstanceNormalization.class, Set.of(1, 2)),
          Map.entry(GroupNormalization.class, Set.of(1, 2)));

  private Parameters() {}

  /**
   * The float32 initializers in places where layers have their weights, biases and embeddings, in
   * the graph's order. A number alone, as it is added to a denominator, is none.
   */
  static Map<String, Tensor> of(Graph graph) {
    Map<String, Tensor> found = new LinkedHashMap<>();
    graph
        .initializers()
        .forEach((name, tensor) -> {
          boolean learnable =
              tensor.dtype() == DType.FLOAT32
                  && tensor.shape().rank() > 0
                  && graph.consumers(name).stream().anyMatch(node -> holds(node, name));
          if (learnable) {
            found.put(name, tensor);
          }
        });
    return found;
  }

  private static boolean holds(Node node, String name) {
    for (int slot : SLOTS.getOrDefault(node.operator().getClass(), Set.of())) {
      if (node.input(slot).equals(name)) {
        return true;
      }
    }
    return false;
  }
}
