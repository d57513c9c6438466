package dev.tinytitan.onnx;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphRewriter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Value;
import dev.tinytitan.ir.Verifier;
import dev.tinytitan.onnx.OnnxProto.AttributeProto;
import dev.tinytitan.onnx.OnnxProto.FunctionProto;
import dev.tinytitan.onnx.OnnxProto.GraphProto;
import dev.tinytitan.onnx.OnnxProto.NodeProto;
import dev.tinytitan.op.Catalog;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One graph or subgraph on its way from the file: its nodes are imported one after the other. */
final class GraphImport {
  private final ModelImport model;
  private final GraphProto proto;
  private final int depth;
  private final Scope scope;
  private final Names nodeNames = new Names();
  private final Set<String> givenNamesUsed = new HashSet<>();
  private final Map<String, TensorType> declared = new HashMap<>();
  private final List<Value> inputs = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();

  /**
   * @param outer the graph around; null for the main graph
   */
  GraphImport(ModelImport model, GraphProto proto, @Nullable GraphImport outer) {
    this.model = model;
    this.proto = proto;
    this.depth = outer == null ? 0 : outer.depth + 1;
    this.scope = new Scope(outer == null ? null : outer.scope);
    if (depth > Verifier.MAX_DEPTH) {
      throw new MalformedModelException(
          "Subgraphs are nested more than " + Verifier.MAX_DEPTH + " deep.");
    }
  }

  /** Imports all nodes; afterwards {@link #captures} and {@link #build} make sense. */
  void importNodes(Map<String, Integer> opsets) {
    for (Map.Entry<String, Tensor> constant : proto.initializers().entrySet()) {
      scope.defineConstant(constant.getKey(), constant.getValue());
    }
    for (Value input : proto.inputs()) {
      // Older files list initializers among the inputs, as defaults; here they are constants.
      if (!proto.initializers().containsKey(input.name())) {
        inputs.add(input);
        define(input.name(), input.type() instanceof TensorType type ? type : null);
      }
    }
    for (List<Value> values : List.of(proto.valueInfo(), proto.outputs())) {
      for (Value value : values) {
        if (value.type() instanceof TensorType type) {
          declared.put(value.name(), type);
        }
      }
    }
    for (NodeProto node : proto.nodes()) {
      nodeNames.take(node.name());
    }
    for (NodeProto node : proto.nodes()) {
      boolean keepsName = !node.name().isEmpty() && givenNamesUsed.add(node.name());
      importNode(node, keepsName ? node.name() : inventName(node), opsets);
    }
    for (Value output : proto.outputs()) {
      if (!scope.resolve(output.name())) {
        throw new MalformedModelException(
            "Output '" + output.name() + "' of graph '" + proto.name() + "' is never given.");
      }
    }
  }

  private String inventName(NodeProto node) {
    String output = "";
    for (String name : node.outputs()) {
      output = output.isEmpty() ? name : output;
    }
    return nodeNames.unique(node.name().isEmpty() ? node.opType() + "_" + output : node.name());
  }

  private void define(String name, @Nullable TensorType type) {
    if (type == null) {
      scope.define(name);
    } else {
      scope.define(name, type);
    }
  }

  /** The captured values that are read, in order of their first use; no constants. */
  Set<String> captures() {
    Set<String> names = new LinkedHashSet<>();
    for (Node node : nodes) {
      names.addAll(node.inputs());
    }
    for (Value output : proto.outputs()) {
      names.add(output.name());
    }
    names.removeIf(name -> !scope.isCaptured(name));
    return names;
  }

  /** The graph, with these captured values as its last inputs. */
  Graph build(Collection<Value> captured) {
    Graph.Builder builder = Graph.builder(proto.name()).doc(proto.doc()).nodes(nodes);
    for (Value input : inputs) {
      builder.input(input);
    }
    for (Value input : captured) {
      builder.input(input);
    }
    for (Value output : proto.outputs()) {
      builder.output(output);
    }
    Set<String> used = new HashSet<>();
    Set<String> given = new HashSet<>();
    for (Node node : nodes) {
      used.addAll(node.inputs());
      given.addAll(node.outputs());
    }
    for (Value output : proto.outputs()) {
      used.add(output.name());
      given.remove(output.name());
    }
    for (Map.Entry<String, Tensor> constant : scope.constants().entrySet()) {
      String name = constant.getKey();
      if (used.contains(name) || proto.initializers().containsKey(name) || scope.isShared(name)) {
        builder.initializer(name, constant.getValue());
      }
    }
    for (Value value : proto.valueInfo()) {
      if (given.contains(value.name())) {
        builder.annotation(value);
      }
    }
    return builder.build();
  }

  private void importNode(NodeProto node, String name, Map<String, Integer> opsets) {
    boolean isKnown = true;
    for (String input : node.inputs()) {
      if (!input.isEmpty() && !scope.resolve(input)) {
        throw new MalformedModelException(
            "Node '"
                + name
                + "' ("
                + node.opType()
                + ") reads value '"
                + input
                + "', which nothing gives before it.");
      }
      isKnown &= !scope.isUnsupported(input);
    }
    Optional<FunctionProto> function = model.functions().find(node);
    if (function.isPresent()) {
      inline(node, name, function.get(), opsets);
    } else if (node.domain().isEmpty() && node.opType().equals("Constant")) {
      importConstant(node, name, opsets);
    } else {
      importOperator(node, name, opsets, isKnown);
    }
  }

  private void inline(
      NodeProto call, String name, FunctionProto function, Map<String, Integer> opsets) {
    Map<String, Integer> inner = new HashMap<>(opsets);
    inner.putAll(function.opsets());
    model
        .functions()
        .inline(
            call,
            name,
            function,
            node -> {
              String stem = node.name().isEmpty() ? node.opType() : node.name();
              importNode(node, nodeNames.unique(name + "/" + stem), inner);
            });
  }

  private void importConstant(NodeProto node, String name, Map<String, Integer> opsets) {
    if (node.outputs().size() != 1 || node.attributes().size() != 1) {
      throw new MalformedModelException(
          "Node '" + name + "' (Constant) does not have one output and one value.");
    }
    String output = node.outputs().get(0);
    Tensor value =
        switch (node.attributes().get(0).value()) {
          case Attribute.OfTensor tensor -> tensor.value();
          case Attribute.Float number -> Tensor.scalar(number.value());
          case Attribute.Int number -> Tensor.scalar(number.value());
          case Attribute.Text text ->
              Tensor.of(new String[] {text.value()}).reshape(Shape.scalar());
          case Attribute.Floats numbers -> Tensor.of(NodeImport.toArray(numbers.values()));
          case Attribute.Ints numbers ->
              Tensor.of(numbers.values().stream().mapToLong(Long::longValue).toArray());
          case Attribute.Texts texts -> Tensor.of(texts.values().toArray(new String[0]));
          case null, default -> {
            model.unsupported(node, name, opsets, "its value is no tensor");
            scope.defineUnsupported(output);
            yield null;
          }
        };
    if (value != null) {
      checkNew(output, name);
      scope.defineConstant(output, value);
    }
  }

  private void checkNew(String value, String nodeName) {
    if (value.isEmpty() || scope.isDefined(value)) {
      throw new MalformedModelException(
          "Value '" + value + "' is given twice, the second time by node '" + nodeName + "'.");
    }
  }

  private void importOperator(
      NodeProto node, String name, Map<String, Integer> opsets, boolean isKnown) {
    int problemsBefore = model.problemCount();
    Map<String, List<GraphImport>> subgraphs = importSubgraphs(node, opsets);
    boolean isWhole = model.problemCount() == problemsBefore;
    Set<String> captures = new LinkedHashSet<>();
    for (List<GraphImport> graphs : subgraphs.values()) {
      for (GraphImport graph : graphs) {
        captures.addAll(graph.captures());
      }
    }
    Optional<OpSpec> spec = Catalog.find(node.domain(), node.opType());
    if (spec.isEmpty()) {
      model.unsupported(node, name, opsets, "unknown operator");
      giveUnsupported(node);
      return;
    }
    // What an unknown operator gives says nothing about the nodes that read it.
    if (!isKnown || !isWhole || isAnyUnsupported(captures)) {
      giveUnsupported(node);
      return;
    }
    int opset = opsets.getOrDefault(node.domain(), ModelImport.opset(opsets));
    if (opset < OpSpec.OLDEST_OPSET && opset < spec.get().compatibleSince()) {
      model.unsupported(
          node,
          name,
          opsets,
          "its form of opset "
              + opset
              + " is older than "
              + OpSpec.OLDEST_OPSET
              + ", the oldest opset known");
      giveUnsupported(node);
      return;
    }
    List<String> arguments = new ArrayList<>(node.inputs());
    while (!captures.isEmpty() && arguments.size() < spec.get().minInputs()) {
      arguments.add("");
    }
    arguments.addAll(captures);
    NodeImport context =
        new NodeImport(
            scope,
            model.valueNames(),
            nodeNames,
            name,
            opset,
            attributes(node, name, subgraphs, captures),
            arguments,
            List.copyOf(captures),
            node.outputs());
    try {
      Operator operator = decode(spec.get(), context);
      for (Node decoded : GraphRewriter.topologicalOrder(context.finish(operator, node.doc()))) {
        add(decoded);
      }
    } catch (NodeImport.Unsupported problem) {
      model.unsupported(node, name, opsets, problem.reason());
      giveUnsupported(node);
    }
  }

  private void giveUnsupported(NodeProto node) {
    for (String output : node.outputs()) {
      scope.defineUnsupported(output);
    }
  }

  private boolean isAnyUnsupported(Collection<String> values) {
    for (String value : values) {
      if (scope.isUnsupported(value)) {
        return true;
      }
    }
    return false;
  }

  private Map<String, List<GraphImport>> importSubgraphs(
      NodeProto node, Map<String, Integer> opsets) {
    // Sorted, so that the order of captures does not hang on the order of attributes in the file.
    Map<String, List<GraphImport>> subgraphs = new TreeMap<>();
    for (AttributeProto attribute : node.attributes()) {
      List<GraphImport> graphs = new ArrayList<>();
      for (GraphProto graph : attribute.subgraphs()) {
        GraphImport subgraph = new GraphImport(model, graph, this);
        subgraph.importNodes(opsets);
        graphs.add(subgraph);
      }
      subgraphs.put(attribute.name(), graphs);
    }
    return subgraphs;
  }

  private Attributes attributes(
      NodeProto node,
      String name,
      Map<String, List<GraphImport>> subgraphs,
      Collection<String> captures) {
    List<Value> captured = new ArrayList<>(captures.size());
    for (String value : captures) {
      captured.add(Value.of(value, scope.type(value).orElse(null)));
    }
    Map<String, Attribute> byName = new LinkedHashMap<>();
    for (AttributeProto attribute : node.attributes()) {
      List<Graph> graphs = new ArrayList<>();
      for (GraphImport graph : subgraphs.getOrDefault(attribute.name(), List.of())) {
        graphs.add(graph.build(captured));
      }
      Attribute value = attribute.value();
      if (value == null) {
        if (attribute.graphs() == null) {
          throw new MalformedModelException(
              "Attribute '"
                  + attribute.name()
                  + "' of node '"
                  + name
                  + "' refers to attribute '"
                  + attribute.refName()
                  + "' of a function, but stands in none that has it.");
        }
        value =
            attribute.isGraphList()
                ? new Attribute.Graphs(graphs)
                : new Attribute.OfGraph(graphs.get(0));
      }
      if (byName.put(attribute.name(), value) != null) {
        throw new MalformedModelException(
            "Node '" + name + "' has attribute '" + attribute.name() + "' twice.");
      }
    }
    return Attributes.of(byName);
  }

  private static Operator decode(OpSpec spec, NodeImport context) {
    String where = "Node '" + context.nodeName() + "' (" + spec.name() + ")";
    try {
      return spec.decoder().apply(context);
    } catch (MalformedModelException error) {
      throw error.in(where);
    } catch (ShapeMismatchException error) {
      throw new ShapeMismatchException(where + ": " + error.getMessage());
    } catch (IllegalArgumentException
        | IllegalStateException
        | IndexOutOfBoundsException
        | ArithmeticException error) {
      throw new MalformedModelException(
          where + " has attributes or inputs that do not fit: " + error.getMessage() + ".");
    }
  }

  /** Adds a decoded node; its outputs' types are inferred as far as its inputs' are known. */
  private void add(Node node) {
    List<Optional<TensorType>> types = new ArrayList<>();
    boolean isKnown = true;
    for (String input : node.inputs()) {
      types.add(scope.type(input));
      isKnown &= input.isEmpty() || scope.type(input).isPresent();
    }
    List<TensorType> outputs = isKnown ? infer(node, types) : List.of();
    nodes.add(node);
    for (int i = 0; i < node.outputs().size(); i++) {
      String output = node.output(i);
      if (!output.isEmpty()) {
        TensorType inferred = i < outputs.size() ? outputs.get(i) : null;
        checkNew(output, node.name());
        define(
            output,
            inferred != null && inferred.hasRank()
                ? inferred
                : declared.getOrDefault(output, inferred));
      }
    }
  }

  /** The constants that a node reads. */
  private record Constants(Scope scope, Node node) implements TypeInference.Constants {
    @Override
    public Optional<Tensor> get(int index) {
      return scope.constant(node.input(index));
    }
  }

  private List<TensorType> infer(Node node, List<Optional<TensorType>> types) {
    try {
      return TypeInference.inferNode(node, types, new Constants(scope, node));
    } catch (ShapeMismatchException error) {
      if (depth == 0) {
        throw error;
      }
      // The branch for another rank, say: it is never run with these inputs.
      return List.of();
    }
  }
}
