package dev.tinytitan.compress.prune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TopologiesTest {
  private static final Map<String, Graph> GRAPHS = graphs();

  private static Map<String, Graph> graphs() {
    Map<String, Graph> graphs = new LinkedHashMap<>(Topologies.all());
    graphs.putAll(UnusualTopologies.all());
    return graphs;
  }

  static Stream<String> names() {
    return GRAPHS.keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("names")
  void prunedEqualsMasked(String name) {
    Graph graph = GRAPHS.get(name);
    Map<String, Tensor> inputs = Topologies.inputs(graph);
    for (long seed = 0; seed < 4; seed++) {
      StructuralPruning.Outcome outcome =
          StructuralPruning.check(graph, inputs, 0.2 + 0.2 * seed, seed, 2e-5);
      assertThat(outcome.removed()).isPositive();
      assertThat(parameters(outcome.pruned())).isLessThan(parameters(graph));
    }
  }

  private static long parameters(Graph graph) {
    return graph.initializers().values().stream()
        .filter(tensor -> tensor.dtype().isFloat())
        .mapToLong(Tensor::size)
        .sum();
  }
}
