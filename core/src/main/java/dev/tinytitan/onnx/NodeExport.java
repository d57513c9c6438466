package dev.tinytitan.onnx;

import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** One node on its way into the file: what its operator sees and says. */
final class NodeExport implements ExportContext {
  private final Graph graph;
  private final Node node;
  private final int opset;
  private final Set<Integer> dropped = new HashSet<>();
  private List<String> inputs;
  private boolean hasNewInputs;
  private Attributes attributes = Attributes.none();
  private String opType;
  private int requiredOpset;

  NodeExport(Graph graph, Node node, int opset) {
    this.graph = graph;
    this.node = node;
    this.opset = opset;
    this.opType = node.operator().spec().name();
    this.inputs = node.inputs().subList(0, node.inputs().size() - node.operator().captureCount());
    node.operator().export(this);
  }

  /** The inputs to write, of those that are no captures. */
  List<String> inputs() {
    if (dropped.isEmpty() && !hasNewInputs) {
      return inputs;
    }
    List<String> left = new ArrayList<>(inputs);
    dropped.stream().filter(index -> index < left.size()).forEach(index -> left.set(index, ""));
    while (!left.isEmpty() && left.get(left.size() - 1).isEmpty()) {
      left.remove(left.size() - 1);
    }
    return left;
  }

  /** The attributes to write. */
  Attributes attributes() {
    return attributes;
  }

  /** The operator name to write. */
  String opType() {
    return opType;
  }

  /** The oldest opset that the node can be written in; 0 if any will do. */
  int requiredOpset() {
    return requiredOpset;
  }

  @Override
  public int opset() {
    return opset;
  }

  @Override
  public Node node() {
    return node;
  }

  @Override
  public void attributes(Attributes others) {
    attributes = others;
  }

  @Override
  public Optional<Tensor> constant(int index) {
    return graph.constant(node.input(index));
  }

  @Override
  public void inputs(List<String> names) {
    inputs = List.copyOf(names);
    hasNewInputs = true;
    dropped.clear();
  }

  @Override
  public void dropInput(int index) {
    dropped.add(index);
  }

  @Override
  public void opType(String name) {
    opType = name;
  }

  @Override
  public void requireOpset(int other) {
    requiredOpset = Math.max(requiredOpset, other);
  }

  @Override
  public void inputWasAttributeUntil(int since, int index, String name, boolean scalar) {
    if (opset >= since || !node.hasInput(index)) {
      return;
    }
    Optional<Tensor> value = constant(index);
    if (value.isEmpty() || (scalar && value.get().size() != 1)) {
      requireOpset(since);
      return;
    }
    attributes = attributes.with(name, attribute(value.get(), scalar));
    dropInput(index);
  }

  private static Attribute attribute(Tensor value, boolean scalar) {
    if (value.dtype().isFloat()) {
      return scalar
          ? new Attribute.Float(value.getFloat(0))
          : new Attribute.Floats(
              IntStream.range(0, value.size()).mapToObj(value::getFloat).toList());
    }
    return scalar
        ? new Attribute.Int(value.getLong(0))
        : new Attribute.Ints(Arrays.stream(value.toLongArray()).boxed().toList());
  }
}
