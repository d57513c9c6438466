package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.internal.GraphDraft;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes a graph whose weights are stored in fewer bits and dequantized while running. */
final class WeightRewriter {
  private WeightRewriter() {}

  static Rewrite rewrite(Graph graph, Selection selection, WeightFormat format) {
    GraphDraft draft = new GraphDraft(graph);
    WeightWriter weights = new WeightWriter(draft);
    Map<String, Rewrite.Result> results = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      if (weights.add(node, selection.slots(node), format)) {
        results.put(node.name(), new Rewrite.Result(node.output(), node.output()));
      }
    }
    weights.finish();
    return new Rewrite(draft.build(), results);
  }
}
