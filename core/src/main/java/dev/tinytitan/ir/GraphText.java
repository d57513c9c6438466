package dev.tinytitan.ir;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The readable form of a graph, one line an item, for tests and messages:
 *
 * <pre>
 * graph tiny(x: float32[1, 4]) -> (y: float32[1, 2])
 *   const w: float32[4, 2]
 *   h = MatMul(x, w)
 *   y = Softmax{axis=-1}(h)
 * </pre>
 */
public final class GraphText {
  private GraphText() {}

  /** The text of a graph, with a line break at the end. */
  public static String of(Graph graph) {
    StringBuilder text = new StringBuilder();
    write(graph, "", text);
    return text.toString();
  }

  private static void write(Graph graph, String indent, StringBuilder text) {
    text.append(indent)
        .append("graph ")
        .append(graph.name())
        .append(values(graph.inputs()))
        .append(" -> ")
        .append(values(graph.outputs()))
        .append('\n');
    graph
        .initializers()
        .forEach((name, tensor) ->
            text.append(indent)
                .append("  const ")
                .append(name)
                .append(": ")
                .append(TensorType.of(tensor.dtype(), tensor.shape()))
                .append(
                    tensor.size() <= 8 ? " " + tensor.toString().replaceFirst("^[^{]*", "") : "")
                .append('\n'));
    for (Node node : graph.nodes()) {
      text.append(indent).append("  ").append(line(node)).append('\n');
      for (Graph subgraph : node.operator().subgraphs()) {
        write(subgraph, indent + "    ", text);
      }
    }
  }

  /** One node as {@code outputs = Name{attributes}(inputs)}. */
  public static String line(Node node) {
    return node.outputs().stream().map(GraphText::orDash).collect(Collectors.joining(", "))
        + " = "
        + node.operator().spec().name()
        + attributes(node.operator().attributes())
        + node.inputs().stream().map(GraphText::orDash).collect(Collectors.joining(", ", "(", ")"));
  }

  private static String orDash(String value) {
    return value.isEmpty() ? "-" : value;
  }

  private static String values(List<Value> values) {
    return values.stream()
        .map(value -> value.name() + (value.type() == null ? "" : ": " + value.type()))
        .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String attributes(Attributes attributes) {
    if (attributes.asMap().isEmpty()) {
      return "";
    }
    return attributes.asMap().entrySet().stream()
        .map(GraphText::attribute)
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String attribute(Map.Entry<String, Attribute> entry) {
    String value =
        switch (entry.getValue()) {
          case Attribute.Int number -> Long.toString(number.value());
          case Attribute.Float number -> java.lang.Float.toString(number.value());
          case Attribute.Text text -> '"' + text.value() + '"';
          case Attribute.Ints numbers -> numbers.values().toString();
          case Attribute.Floats numbers -> numbers.values().toString();
          case Attribute.Texts texts -> texts.values().toString();
          case Attribute.OfTensor tensor -> tensor.value().toString();
          case Attribute.OfGraph graph -> "graph " + graph.value().name();
          case Attribute.OfType type -> type.value().toString();
          case Attribute.Tensors tensors -> tensors.values().size() + " tensors";
          case Attribute.Graphs graphs -> graphs.values().size() + " graphs";
          case Attribute.Types types -> types.values().toString();
        };
    return entry.getKey() + "=" + value;
  }
}
