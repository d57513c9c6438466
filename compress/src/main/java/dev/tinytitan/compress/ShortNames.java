package dev.tinytitan.compress;

import dev.tinytitan.Model;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives all that lies inside a model names of one to three characters: a file repeats the name of a
 * value wherever it is read, which is an eighth of the file of a network of 38 kB. Inputs and
 * outputs keep their names; the types of values inside, which can be inferred, are left out. Bodies
 * of {@code If} and loops keep theirs.
 */
public final class ShortNames {
  private static final int RADIX = 36;

  private final Set<String> taken = new HashSet<>();
  private final Map<String, String> names = new HashMap<>();
  private int next;

  private ShortNames() {}

  /** The same model with short names. */
  public static Model of(Model model) {
    return Model.of(new ShortNames().shorten(model.graph()), model.info());
  }

  private Graph shorten(Graph graph) {
    graph.inputs().forEach(input -> keep(input.name()));
    graph.outputs().forEach(output -> keep(output.name()));
    Map<String, Tensor> constants = new LinkedHashMap<>();
    graph.initializers().forEach((name, tensor) -> constants.put(shortened(name), tensor));
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      List<String> outputs = node.outputs().stream().map(this::shortened).toList();
      nodes.add(
          Node.of(
              outputs.getFirst(),
              node.operator(),
              node.inputs().stream().map(this::shortened).toList(),
              outputs));
    }
    return graph.toBuilder()
        .initializers(constants)
        .nodes(nodes)
        .annotations(List.<Value>of())
        .build();
  }

  private void keep(String name) {
    taken.add(name);
    names.put(name, name);
  }

  private String shortened(String name) {
    if (name.isEmpty()) {
      return name;
    }
    return names.computeIfAbsent(name, key -> fresh());
  }

  private String fresh() {
    String name;
    do {
      name = Integer.toString(next++, RADIX);
    } while (!taken.add(name));
    return name;
  }
}
