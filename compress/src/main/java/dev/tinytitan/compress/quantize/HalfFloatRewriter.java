package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.internal.GraphDraft;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Gather;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a graph whose float32 constants are stored in float16 and widened while running; rows of a
 * table after they are picked. Constants with elements beyond float16's range stay.
 */
final class HalfFloatRewriter {
  private static final int FEWEST = 32;
  private static final float GREATEST = 65504;

  private HalfFloatRewriter() {}

  static Rewrite rewrite(Graph graph, Selection selection) {
    GraphDraft draft = new GraphDraft(graph);
    Set<String> kept = new HashSet<>();
    graph.outputs().stream().map(Value::name).forEach(kept::add);
    for (Node node : graph.nodes()) {
      if (!selection.contains(node) || !node.operator().subgraphs().isEmpty()) {
        kept.addAll(node.inputs());
      }
    }
    Map<String, String> narrow = new LinkedHashMap<>();
    Map<String, String> widened = new LinkedHashMap<>();
    graph
        .initializers()
        .forEach((name, tensor) -> {
          if (!kept.contains(name) && fits(tensor)) {
            narrow.put(name, draft.constant(name + "_float16", narrow(tensor)));
          }
        });
    Map<String, Rewrite.Result> results = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      if (node.inputs().stream().anyMatch(narrow::containsKey)) {
        results.put(node.name(), new Rewrite.Result(node.output(), node.output()));
      }
      if (node.operator() instanceof Gather && narrow.containsKey(node.input(0))) {
        String picked =
            draft.add(
                node.operator(),
                List.of(narrow.get(node.input(0)), node.input(1)),
                node.output() + "_float16");
        draft.give(node.output(), new Cast(DType.FLOAT32), List.of(picked), node.name());
        continue;
      }
      Node result = node;
      for (int i = 0; i < node.inputs().size(); i++) {
        String constant = node.input(i);
        if (narrow.containsKey(constant)) {
          String wide =
              widened.computeIfAbsent(
                  constant,
                  key ->
                      draft.add(
                          new Cast(DType.FLOAT32), List.of(narrow.get(key)), key + "_widened"));
          result = result.withInput(i, wide);
        }
      }
      draft.add(result);
    }
    return new Rewrite(draft.build(), results);
  }

  private static boolean fits(Tensor tensor) {
    if (tensor.dtype() != DType.FLOAT32 || tensor.size() < FEWEST) {
      return false;
    }
    for (int i = 0; i < tensor.size(); i++) {
      if (!(Math.abs(tensor.getFloat(i)) <= GREATEST)) {
        return false;
      }
    }
    return true;
  }

  private static Tensor narrow(Tensor tensor) {
    Tensor half = Tensor.zeros(DType.FLOAT16, tensor.shape());
    for (int i = 0; i < tensor.size(); i++) {
      half.setFloat(i, tensor.getFloat(i));
    }
    return half;
  }
}
