package dev.tinytitan.compress.prune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Prunes a graph at random, and holds the result against the masked original. */
final class StructuralPruning {
  private StructuralPruning() {}

  /** What was found and done. */
  record Outcome(DependencyGraph dependencies, int removed, Graph pruned) {}

  /**
   * Removes a share of all units, picked by a seed.
   *
   * @param tolerance of the greatest output
   */
  static Outcome check(
      Graph graph, Map<String, Tensor> inputs, double share, long seed, double tolerance) {
    DependencyGraph dependencies = DependencyGraph.of(graph);
    List<ChannelUnit> removed = pick(dependencies, share, seed);
    Graph pruned = dependencies.remove(removed);
    Graph masked = dependencies.mask(removed);
    // Through a file and back: the result must be valid ONNX.
    Model reread = Model.load(Model.of(pruned, ModelInfo.of(21)).toBytes());
    Map<String, Tensor> expected = run(masked, inputs);
    Map<String, Tensor> actual = run(reread.graph(), inputs);
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach((name, tensor) -> {
      Tensor other = actual.get(name);
      assertThat(other.shape()).isEqualTo(tensor.shape());
      double greatest = 1e-3;
      for (int i = 0; i < tensor.size(); i++) {
        greatest = Math.max(greatest, Math.abs(tensor.getDouble(i)));
      }
      for (int i = 0; i < tensor.size(); i++) {
        assertThat(other.getDouble(i))
            .as("%s of %s, element %d", name, graph.name(), i)
            .isCloseTo(
                tensor.getDouble(i), org.assertj.core.data.Offset.offset(tolerance * greatest));
      }
    });
    return new Outcome(dependencies, removed.size(), pruned);
  }

  static List<ChannelUnit> pick(DependencyGraph dependencies, double share, long seed) {
    Random random = new Random(seed);
    List<ChannelUnit> removed = new ArrayList<>();
    for (ChannelGroup group : dependencies.groups()) {
      List<ChannelUnit> units = new ArrayList<>(group.units());
      Collections.shuffle(units, random);
      removed.addAll(
          units.subList(0, Math.min(units.size() - 1, (int) Math.ceil(share * units.size()))));
    }
    return removed;
  }

  static Map<String, Tensor> run(Graph graph, Map<String, Tensor> inputs) {
    try (Session session =
        Model.of(graph, ModelInfo.of(21)).open(SessionOptions.defaults().withThreads(1))) {
      return session.run(inputs);
    }
  }
}
