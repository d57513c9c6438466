package dev.tinytitan.onnx;

import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Documentation;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** One node on its way from the file into the graph: what its decoder sees and adds. */
final class NodeImport implements ImportContext {
  /** Ends the import of one node; caught by {@link GraphImporter}, which lists the reason. */
  static final class Unsupported extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    Unsupported(String reason) {
      super(reason, null, false, false);
      this.reason = reason;
    }

    String reason() {
      return reason;
    }
  }

  private final Scope scope;
  private final Names valueNames;
  private final Names nodeNames;
  private final String nodeName;
  private final int opset;
  private final Attributes attributes;
  private final List<String> captures;
  private final List<Node> added = new ArrayList<>();
  private List<String> inputs;
  private List<String> outputs;

  NodeImport(
      Scope scope,
      Names valueNames,
      Names nodeNames,
      String nodeName,
      int opset,
      Attributes attributes,
      List<String> inputs,
      List<String> captures,
      List<String> outputs) {
    this.scope = scope;
    this.valueNames = valueNames;
    this.nodeNames = nodeNames;
    this.nodeName = nodeName;
    this.opset = opset;
    this.attributes = attributes;
    this.inputs = new ArrayList<>(inputs);
    this.captures = List.copyOf(captures);
    this.outputs = List.copyOf(outputs);
  }

  /** The node with its decoded operator, and what the decoder added, in no particular order. */
  List<Node> finish(Operator operator, Documentation doc) {
    List<Node> nodes = new ArrayList<>(added);
    nodes.add(new Node(nodeName, operator, inputs, outputs, doc));
    return nodes;
  }

  @Override
  public int opset() {
    return opset;
  }

  @Override
  public String nodeName() {
    return nodeName;
  }

  @Override
  public Attributes attributes() {
    return attributes;
  }

  @Override
  public int inputCount() {
    return inputs.size();
  }

  @Override
  public int outputCount() {
    return outputs.size();
  }

  @Override
  public String input(int index) {
    return index < inputs.size() ? inputs.get(index) : "";
  }

  @Override
  public Optional<TensorType> inputType(int index) {
    return scope.type(input(index));
  }

  @Override
  public Optional<Tensor> constant(int index) {
    return scope.constant(input(index));
  }

  @Override
  public List<String> captures() {
    return captures;
  }

  @Override
  public List<String> outputs() {
    return outputs;
  }

  @Override
  public void setInputs(List<String> others) {
    inputs = new ArrayList<>(others);
  }

  @Override
  public void setInput(int index, String value) {
    while (inputs.size() <= index) {
      inputs.add("");
    }
    inputs.set(index, value);
  }

  @Override
  public void setOutputs(List<String> others) {
    outputs = List.copyOf(others);
  }

  @Override
  public String addConstant(String hint, Tensor value) {
    String name = newValue(hint);
    scope.defineConstant(name, value);
    return name;
  }

  @Override
  public String addNode(String hint, Operator operator, String... nodeInputs) {
    String output = newValue(hint);
    addNode(hint, operator, Arrays.asList(nodeInputs), List.of(output));
    return output;
  }

  @Override
  public void addNode(
      String hint, Operator operator, List<String> nodeInputs, List<String> nodeOutputs) {
    added.add(Node.of(nodeNames.unique(nodeName + "/" + hint), operator, nodeInputs, nodeOutputs));
  }

  @Override
  public String newValue(String hint) {
    return valueNames.unique(nodeName + "/" + hint);
  }

  @Override
  public void attributeToInput(String name, int index) {
    Attribute attribute = attributes.asMap().get(name);
    if (attribute == null || hasInput(index)) {
      return;
    }
    Tensor value =
        switch (attribute) {
          case Attribute.Int number -> Tensor.scalar(number.value());
          case Attribute.Float number -> Tensor.scalar(number.value());
          case Attribute.Ints numbers ->
              Tensor.of(numbers.values().stream().mapToLong(Long::longValue).toArray());
          case Attribute.Floats numbers -> Tensor.of(toArray(numbers.values()));
          default -> throw unsupported("attribute '" + name + "' is no number");
        };
    setInput(index, addConstant(name, value));
  }

  /** The floats of a list. */
  static float[] toArray(List<Float> values) {
    float[] array = new float[values.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = values.get(i);
    }
    return array;
  }

  @Override
  public RuntimeException unsupported(String reason) {
    throw new Unsupported(reason);
  }
}
