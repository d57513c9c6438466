package dev.tinytitan.onnx;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ir.Documentation;
import dev.tinytitan.ir.Value;
import dev.tinytitan.onnx.OnnxProto.AttributeProto;
import dev.tinytitan.onnx.OnnxProto.FunctionProto;
import dev.tinytitan.onnx.OnnxProto.GraphProto;
import dev.tinytitan.onnx.OnnxProto.NodeProto;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Puts the bodies of model-local functions in place of their calls: formal names become the call's,
 * all others get new ones, references to the function's attributes get the call's values.
 *
 * <p>Functions that call functions may grow without measure, so depth and total size are bounded.
 */
final class FunctionInliner {
  private static final int MAX_DEPTH = 64;

  /** Names and attributes of all inlined nodes together. */
  private static final int MAX_SIZE = 400_000;

  private final Map<String, FunctionProto> functions = new HashMap<>();
  private final Names valueNames;
  private final Set<FunctionProto> active = new HashSet<>();
  private int size;

  FunctionInliner(List<FunctionProto> functions, Names valueNames) {
    for (FunctionProto function : functions) {
      if (this.functions.put(function.key(), function) != null) {
        throw new MalformedModelException("Function '" + function.key() + "' is given twice.");
      }
    }
    this.valueNames = valueNames;
  }

  /** The function that a node calls, if it calls one. */
  Optional<FunctionProto> find(NodeProto node) {
    return functions.isEmpty()
        ? Optional.empty()
        : Optional.ofNullable(functions.get(node.functionKey()));
  }

  /**
   * Gives the nodes to put in place of a call, in order. The sink may inline calls among them.
   *
   * @param callName the calling node's name, on which new names are built
   */
  void inline(NodeProto call, String callName, FunctionProto function, Consumer<NodeProto> sink) {
    if (active.size() == MAX_DEPTH || active.contains(function)) {
      throw new MalformedModelException(
          active.contains(function)
              ? "Function '" + function.name() + "' calls itself."
              : "Functions call each other more than " + MAX_DEPTH + " deep.");
    }
    if (call.inputs().size() > function.inputs().size()
        || call.outputs().size() > function.outputs().size()) {
      throw new MalformedModelException(
          "Node '"
              + callName
              + "' calls function '"
              + function.name()
              + "' with more inputs or outputs than it has.");
    }
    active.add(function);
    Body body = new Body(call, callName, function);
    function.nodes().forEach(node -> sink.accept(body.node(node)));
    body.copies.forEach(sink);
    active.remove(function);
  }

  /** One copy of a function's body. */
  private final class Body {
    private final String prefix;
    private final Map<String, String> names = new HashMap<>();
    private final Map<String, AttributeProto> arguments = new LinkedHashMap<>();
    private final List<NodeProto> copies = new ArrayList<>();

    Body(NodeProto call, String callName, FunctionProto function) {
      this.prefix = callName + "/";
      names.put("", "");
      for (int i = 0; i < function.inputs().size(); i++) {
        String actual = i < call.inputs().size() ? call.inputs().get(i) : "";
        names.put(function.inputs().get(i), actual);
      }
      for (int i = 0; i < call.outputs().size(); i++) {
        String actual = call.outputs().get(i);
        String formal = function.outputs().get(i);
        if (!actual.isEmpty() && names.putIfAbsent(formal, actual) != null) {
          // An output that is an input too, or stands twice, has a name already.
          copies.add(
              new NodeProto(
                  "",
                  "Identity",
                  "",
                  "",
                  List.of(names.get(formal)),
                  List.of(actual),
                  List.of(),
                  Documentation.NONE));
        }
      }
      function.defaults().forEach(attribute -> arguments.put(attribute.name(), attribute));
      call.attributes().forEach(attribute -> arguments.put(attribute.name(), attribute));
    }

    private String name(String formal) {
      return names.computeIfAbsent(formal, key -> valueNames.unique(prefix + key));
    }

    private List<String> names(List<String> formal) {
      return formal.stream().map(this::name).toList();
    }

    NodeProto node(NodeProto node) {
      size += 1 + node.inputs().size() + node.outputs().size() + node.attributes().size();
      if (size > MAX_SIZE) {
        throw new MalformedModelException(
            "The functions of the model are too large when put in place of their calls.");
      }
      List<AttributeProto> attributes = new ArrayList<>();
      for (AttributeProto attribute : node.attributes()) {
        if (attribute.refName().isEmpty()) {
          attributes.add(attribute(attribute));
        } else {
          // Without a value in the call or a default, the attribute is left out.
          AttributeProto argument = arguments.get(attribute.refName());
          if (argument != null) {
            attributes.add(argument.named(attribute.name()));
          }
        }
      }
      return new NodeProto(
          node.name(),
          node.opType(),
          node.domain(),
          node.overload(),
          names(node.inputs()),
          names(node.outputs()),
          attributes,
          node.doc());
    }

    private AttributeProto attribute(AttributeProto attribute) {
      return attribute.graphs() == null
          ? attribute
          : new AttributeProto(
              attribute.name(),
              "",
              null,
              attribute.graphs().stream().map(this::graph).toList(),
              attribute.isGraphList());
    }

    private GraphProto graph(GraphProto graph) {
      Map<String, Tensor> initializers = new LinkedHashMap<>();
      graph.initializers().forEach((name, tensor) -> initializers.put(name(name), tensor));
      size += initializers.size() + graph.inputs().size() + graph.outputs().size();
      return new GraphProto(
          graph.name(),
          graph.doc(),
          values(graph.inputs()),
          values(graph.outputs()),
          initializers,
          graph.nodes().stream().map(this::node).toList(),
          values(graph.valueInfo()));
    }

    private List<Value> values(List<Value> values) {
      return values.stream()
          .map(value -> new Value(name(value.name()), value.type(), value.doc()))
          .toList();
    }
  }
}
