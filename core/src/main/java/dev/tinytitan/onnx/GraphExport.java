package dev.tinytitan.onnx;

import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Documentation;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Value;
import dev.tinytitan.onnx.OnnxProto.AttributeProto;
import dev.tinytitan.onnx.OnnxProto.GraphProto;
import dev.tinytitan.onnx.OnnxProto.NodeProto;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One graph or subgraph on its way into the file. Captured values become references to the graphs
 * around again, and so do constants that stand there under the same name; other values that would
 * hide one of theirs are renamed.
 */
final class GraphExport {
  private final ModelExport model;
  private final Graph graph;
  private final @Nullable GraphExport outer;

  /** What each value is called in the file. */
  private final Map<String, String> written = new HashMap<>();

  /** The names in the file that this graph gives to values, and those around must not. */
  private final Set<String> own = new HashSet<>();

  /** The values that are given around this graph. */
  private final Set<String> references = new HashSet<>();

  /** The names in the file of values that are read here or in subgraphs. */
  private final Set<String> read = new HashSet<>();

  private final List<NodeProto> nodes = new ArrayList<>();

  /**
   * @param outer the graph around; null for the main graph
   * @param captures for each captured input of the graph, what its value is called in the file
   */
  GraphExport(
      ModelExport model, Graph graph, @Nullable GraphExport outer, Map<String, String> captures) {
    this.model = model;
    this.graph = graph;
    this.outer = outer;
    written.put("", "");
    written.putAll(captures);
    references.addAll(captures.keySet());
    graph.initializers().forEach(this::nameConstant);
    graph.inputs().stream()
        .map(Value::name)
        .filter(n -> !captures.containsKey(n))
        .forEach(this::name);
    for (Node node : graph.nodes()) {
      node.outputs().stream().filter(output -> !output.isEmpty()).forEach(this::name);
    }
  }

  private void nameConstant(String name, Tensor tensor) {
    for (GraphExport around = outer; around != null; around = around.outer) {
      Tensor other = around.graph.initializers().get(name);
      if (other != null) {
        if (!around.references.contains(name) && other.equals(tensor)) {
          references.add(name);
          written.put(name, around.written(name));
          return;
        }
        if (!around.references.contains(name)) {
          break;
        }
      }
    }
    name(name);
  }

  private void name(String name) {
    boolean hides = false;
    for (GraphExport around = outer; around != null; around = around.outer) {
      hides |= around.own.contains(name);
    }
    String inFile = hides ? model.valueNames().unique(name) : name;
    written.put(name, inFile);
    own.add(inFile);
  }

  private String written(String name) {
    return written.getOrDefault(name, name);
  }

  private List<String> written(List<String> names) {
    return names.stream().map(this::written).toList();
  }

  private void read(String inFile) {
    for (GraphExport scope = this; scope != null; scope = scope.outer) {
      scope.read.add(inFile);
      if (scope.own.contains(inFile)) {
        return;
      }
    }
  }

  /** The graph's message. */
  GraphProto export() {
    graph.nodes().forEach(this::exportNode);
    List<Value> outputs = new ArrayList<>();
    for (Value output : graph.outputs()) {
      // Runtimes want a subgraph to give values of its own.
      outputs.add(
          new Value(
              references.contains(output.name()) ? copied(output.name()) : written(output.name()),
              output.type(),
              output.doc()));
    }
    outputs.forEach(output -> read(output.name()));
    return new GraphProto(
        graph.name(), graph.doc(), inputs(), outputs, initializers(), nodes, annotations());
  }

  private String copied(String name) {
    String inFile = written(name);
    String copy = model.valueNames().unique(inFile + "/copy");
    own.add(copy);
    read(inFile);
    nodes.add(
        new NodeProto(
            copy,
            "Identity",
            "",
            "",
            List.of(inFile),
            List.of(copy),
            List.of(),
            Documentation.NONE));
    return copy;
  }

  private List<Value> inputs() {
    return graph.inputs().stream()
        .filter(input -> !references.contains(input.name()))
        .map(input -> new Value(written(input.name()), input.type(), input.doc()))
        .toList();
  }

  private Map<String, Tensor> initializers() {
    Map<String, Tensor> initializers = new LinkedHashMap<>();
    graph
        .initializers()
        .forEach((name, tensor) -> {
          // A constant whose readers were all written with an attribute instead is left out.
          boolean isNeeded = read.contains(written(name)) || graph.consumers(name).isEmpty();
          if (!references.contains(name) && isNeeded) {
            model.uses(tensor.dtype());
            initializers.put(written(name), tensor);
          }
        });
    return initializers;
  }

  private List<Value> annotations() {
    return graph.annotations().values().stream()
        .map(value -> new Value(written(value.name()), value.type(), value.doc()))
        .toList();
  }

  private void exportNode(Node node) {
    if (node.operator().spec().isInternal()) {
      model.internal(node);
      return;
    }
    NodeExport export = new NodeExport(graph, node, model.opset());
    model.requires(node, export.requiredOpset());
    List<String> inputs = written(export.inputs());
    inputs.forEach(this::read);
    List<AttributeProto> attributes = new ArrayList<>();
    export
        .attributes()
        .asMap()
        .forEach((name, value) -> attributes.add(attribute(node, name, value)));
    nodes.add(
        new NodeProto(
            node.name(),
            export.opType(),
            node.operator().spec().domain(),
            "",
            inputs,
            written(node.outputs()),
            attributes,
            node.doc()));
  }

  private AttributeProto attribute(Node node, String name, Attribute value) {
    return switch (value) {
      case Attribute.OfGraph one ->
          new AttributeProto(name, "", null, List.of(subgraph(node, one.value())), false);
      case Attribute.Graphs several ->
          new AttributeProto(
              name,
              "",
              null,
              several.values().stream().map(graph -> subgraph(node, graph)).toList(),
              true);
      case Attribute.OfTensor tensor -> {
        model.uses(tensor.value().dtype());
        yield AttributeProto.of(name, value);
      }
      default -> AttributeProto.of(name, value);
    };
  }

  private GraphProto subgraph(Node node, Graph subgraph) {
    int count = node.operator().captureCount();
    Map<String, String> captures = new HashMap<>();
    for (int i = 1; i <= count; i++) {
      String inner = subgraph.inputs().get(subgraph.inputs().size() - i).name();
      captures.put(inner, written(node.inputs().get(node.inputs().size() - i)));
    }
    return new GraphExport(model, subgraph, this, captures).export();
  }
}
