package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.AveragePool;
import dev.tinytitan.op.Clip;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Flatten;
import dev.tinytitan.op.GlobalAveragePool;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.MaxPool;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.Slice;
import dev.tinytitan.op.Squeeze;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.op.Unsqueeze;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which nodes of a graph are to run in integers, and which values are quantized for that.
 *
 * <ul>
 *   <li>Products (Conv, Gemm, MatMul by constant weights) run in integers. A rectifier or clip
 *       after one, or after a sum, belongs to it: the quantized range does its work.
 *   <li>Joins (Add, Mul, Concat, average pools) do where all they read comes from such nodes:
 *       beside a float neighbour, as in a transformer's residual, they would only lose precision.
 *   <li>Nodes that only move elements keep the scale of what they move.
 *   <li>All else stays float and reads dequantized values.
 * </ul>
 */
final class StaticPlan {
  private final Graph graph;
  private final Selection selection;
  private final Map<Node, WeightSlot> products = new LinkedHashMap<>();
  private final Set<Node> joins = new LinkedHashSet<>();
  private final Set<Node> movers = new LinkedHashSet<>();

  /** For each product and join the value that is its result, after an activation it absorbs. */
  private final Map<Node, String> results = new LinkedHashMap<>();

  /** Values that come out of integer nodes, so that every reader reads them dequantized. */
  private final Set<String> integer = new HashSet<>();

  private final Map<String, String> sameScaleAs = new HashMap<>();
  private final Set<String> quantized = new LinkedHashSet<>();

  StaticPlan(Graph graph, Selection selection) {
    this.graph = graph;
    this.selection = selection;
    for (Node node : graph.nodes()) {
      if (selection.contains(node)) {
        classify(node);
      }
    }
    dropMoversWithoutReaders();
    for (Map.Entry<Node, String> entry : results.entrySet()) {
      quantized.addAll(activations(entry.getKey()));
      if (!(entry.getKey().operator() instanceof MatMul)) {
        quantized.add(entry.getValue());
      }
    }
    movers.forEach(mover -> quantized.add(mover.output()));
    results.values().stream().filter(quantized::contains).forEach(integer::add);
  }

  private void classify(Node node) {
    Optional<WeightSlot> product =
        selection.slots(node).stream().filter(slot -> slot.isProduct(graph)).findFirst();
    if (product.isPresent()) {
      products.put(node, product.get());
      addResult(node);
    } else if (isJoin(node) && node.inputs().stream().allMatch(integer::contains)) {
      joins.add(node);
      addResult(node);
    } else if (isMover(node) && integer.contains(node.input(0))) {
      movers.add(node);
      integer.add(node.output());
      sameScaleAs.put(node.output(), root(node.input(0)));
    }
  }

  private void addResult(Node node) {
    String result = absorbActivation(node);
    results.put(node, result);
    // A MatMul's result is only quantized for an integer reader: a transformer's sums stay float.
    if (!(node.operator() instanceof MatMul)) {
      integer.add(result);
    }
  }

  private String absorbActivation(Node node) {
    String output = node.output();
    List<Node> readers = graph.consumers(output);
    if (readers.size() == 1 && !graph.isOutput(output) && !(node.operator() instanceof MatMul)) {
      Node reader = readers.get(0);
      boolean clips =
          reader.operator() instanceof Relu
              || (reader.operator() instanceof Clip
                  && reader.inputs().stream()
                      .skip(1)
                      .allMatch(bound -> bound.isEmpty() || graph.constant(bound).isPresent()));
      if (clips && selection.contains(reader)) {
        return reader.output();
      }
    }
    return output;
  }

  private static boolean isJoin(Node node) {
    return switch (node.operator()) {
      case Add add -> true;
      case Mul mul -> true;
      case Concat concat -> true;
      case AveragePool pool -> true;
      case GlobalAveragePool pool -> true;
      default -> false;
    };
  }

  private static boolean isMover(Node node) {
    return switch (node.operator()) {
      case Reshape reshape -> true;
      case Flatten flatten -> true;
      case Transpose transpose -> true;
      case Squeeze squeeze -> true;
      case Unsqueeze unsqueeze -> true;
      case Slice slice -> true;
      case Identity identity -> true;
      case MaxPool pool -> node.outputs().size() == 1;
      default -> false;
    };
  }

  private void dropMoversWithoutReaders() {
    List<Node> backwards = List.copyOf(movers).reversed();
    for (Node mover : backwards) {
      boolean read =
          graph.consumers(mover.output()).stream()
              .anyMatch(reader ->
                  products.containsKey(reader)
                      || joins.contains(reader)
                      || movers.contains(reader));
      if (!read) {
        movers.remove(mover);
        integer.remove(mover.output());
        sameScaleAs.remove(mover.output());
      }
    }
  }

  /** The float inputs of an integer node that are not constant weights. */
  private List<String> activations(Node node) {
    WeightSlot slot = products.get(node);
    return slot == null ? node.inputs() : List.of(slot.activation());
  }

  /** The value whose scale this one has; itself unless it is moved from another. */
  String root(String value) {
    return sameScaleAs.getOrDefault(value, value);
  }

  /**
   * The values that are quantized. Calibration looks at them all, moved ones too: in a plan with
   * fewer nodes a moved value may need a range of its own.
   */
  List<String> quantized() {
    return List.copyOf(quantized);
  }

  /** The weights of a product; empty for any other node. */
  Optional<WeightSlot> product(Node node) {
    return Optional.ofNullable(products.get(node));
  }

  /** The integer nodes with their results, in order. */
  Map<Node, String> results() {
    return results;
  }

  /** True if the value is made by an integer node and quantized. */
  boolean isInteger(String value) {
    return integer.contains(value);
  }

  /** True if this reader reads the value in its quantized form. */
  boolean readsQuantized(Node reader, String value) {
    if (!quantized.contains(value)) {
      return false;
    }
    return integer.contains(value) || isIntegerReader(reader, value);
  }

  private boolean isIntegerReader(Node reader, String value) {
    return (products.containsKey(reader) || joins.contains(reader))
        && activations(reader).contains(value);
  }
}
