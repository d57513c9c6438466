package dev.tinytitan.onnx;

import dev.tinytitan.UnsupportedModelException;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Value;
import dev.tinytitan.ir.Verifier;
import dev.tinytitan.onnx.OnnxProto.AttributeProto;
import dev.tinytitan.onnx.OnnxProto.FunctionProto;
import dev.tinytitan.onnx.OnnxProto.GraphProto;
import dev.tinytitan.onnx.OnnxProto.ModelProto;
import dev.tinytitan.onnx.OnnxProto.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Turns the messages of a file into a graph: operators decoded into their newest form, constants
 * gathered, functions inlined, captured values made explicit inputs. What cannot be imported is
 * collected here and reported all at once. For one model; not thread-safe.
 */
final class ModelImport {
  private final FunctionInliner functions;
  private final Names valueNames = new Names();
  private final List<String> problems = new ArrayList<>();
  private final Map<String, Integer> unsupportedOperators = new TreeMap<>();

  private ModelImport(ModelProto model) {
    this.functions = new FunctionInliner(model.functions(), valueNames);
  }

  /**
   * The verified graph of a file.
   *
   * @throws UnsupportedModelException listing all that is not supported
   * @throws dev.tinytitan.MalformedModelException if the graph breaks a rule of the format
   */
  static Graph graph(ModelProto model) {
    ModelImport run = new ModelImport(model);
    run.checkOpset("the model", opset(model.opsets()));
    for (FunctionProto function : model.functions()) {
      run.checkOpset(
          "function '" + function.name() + "'",
          function.opsets().getOrDefault("", opset(model.opsets())));
    }
    run.takeNames(model.graph());
    GraphImport main = new GraphImport(run, model.graph(), null);
    main.importNodes(model.opsets());
    if (!run.problems.isEmpty()) {
      throw new UnsupportedModelException(run.summary(), run.problems);
    }
    Graph graph = main.build(List.of());
    Verifier.verify(graph);
    return graph;
  }

  /** The opset of ONNX's own domain; files that name none are of the first. */
  static int opset(Map<String, Integer> opsets) {
    return opsets.getOrDefault("", 1);
  }

  private void checkOpset(String where, int opset) {
    if (opset > OpSpec.NEWEST_OPSET) {
      problems.add(
          "opset "
              + opset
              + " of "
              + where
              + " is newer than "
              + OpSpec.NEWEST_OPSET
              + ", the newest one known");
    }
  }

  private String summary() {
    String advice =
        " Export it with standard ONNX operators of opset "
            + OpSpec.OLDEST_OPSET
            + " to "
            + OpSpec.NEWEST_OPSET
            + " instead.";
    if (unsupportedOperators.isEmpty()) {
      return "The model uses what TinyTitan does not support." + advice;
    }
    List<String> operators = new ArrayList<>();
    unsupportedOperators.forEach(
        (name, count) -> operators.add(count == 1 ? name : name + " (" + count + " nodes)"));
    return "The model uses operators that TinyTitan does not support: "
        + String.join(", ", operators)
        + "."
        + advice;
  }

  /** Takes all names that the file gives to values, so that no invented one meets one of them. */
  private void takeNames(GraphProto graph) {
    for (Value input : graph.inputs()) {
      valueNames.take(input.name());
    }
    for (String name : graph.initializers().keySet()) {
      valueNames.take(name);
    }
    for (NodeProto node : graph.nodes()) {
      for (String output : node.outputs()) {
        valueNames.take(output);
      }
      for (AttributeProto attribute : node.attributes()) {
        for (GraphProto subgraph : attribute.subgraphs()) {
          takeNames(subgraph);
        }
      }
    }
  }

  /** The model-local functions. */
  FunctionInliner functions() {
    return functions;
  }

  /** Names of values, of all graphs of the model. */
  Names valueNames() {
    return valueNames;
  }

  /** How many problems are listed so far. */
  int problemCount() {
    return problems.size();
  }

  /** Lists a node that cannot be imported. */
  void unsupported(NodeProto node, String name, Map<String, Integer> opsets, String reason) {
    String operator =
        node.domain().isEmpty() ? node.opType() : node.domain() + "::" + node.opType();
    Integer opset = opsets.get(node.domain());
    unsupportedOperators.merge(operator, 1, Integer::sum);
    problems.add(
        "node '"
            + name
            + "': "
            + operator
            + (opset == null ? " (no opset given)" : " of opset " + opset)
            + ": "
            + reason);
  }
}
