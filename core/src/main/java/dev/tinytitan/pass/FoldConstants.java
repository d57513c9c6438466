package dev.tinytitan.pass;

import dev.tinytitan.TitanException;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphRewriter;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.ConstantOfShape;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.ScatterElements;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs, on their references, nodes that read only constants. Left alone are: random numbers,
 * control flow, results that are large and many times larger than what they are made from (a
 * constant spread over a shape is better made when it is needed, unless constants are scattered
 * into it, as the weights of pruned layers are), and nodes that fail, so that they fail where they
 * would have. Casts of packed integers are folded whatever their size.
 *
 * @param keepsNarrowWeights whether large matrices of integers that only products and tables read,
 *     through DequantizeLinear, are left for {@link KeepNarrowWeights}; otherwise they become float
 */
public record FoldConstants(boolean keepsNarrowWeights) implements Pass {
  /** Results of up to this many bytes are folded however small their inputs are. */
  private static final long ALWAYS_BYTES = 1 << 20;

  /** Larger results are folded if they are at most this many times larger than their inputs. */
  private static final long MAX_GROWTH = 4;

  /** Nodes between stored numbers and where they are scattered: a cast and a sum, say. */
  private static final int LONGEST_CHAIN = 4;

  /** Elements of a constant for each that is scattered into it. */
  private static final double MOST_SPREAD = 256;

  @Override
  public String name() {
    return keepsNarrowWeights ? "fold-constants" : "fold-all-constants";
  }

  @Override
  public String description() {
    return "Computes once what depends on constants only.";
  }

  @Override
  public Graph apply(Graph graph) {
    Map<String, Tensor> constants = new LinkedHashMap<>(graph.initializers());
    List<Node> kept = new ArrayList<>(graph.nodes().size());
    for (Node node : graph.nodes()) {
      Optional<List<@Nullable Tensor>> results = fold(graph, node, constants);
      if (results.isEmpty()) {
        kept.add(node);
        continue;
      }
      for (int i = 0; i < node.outputs().size(); i++) {
        Tensor result = results.get().get(i);
        if (result != null && !node.output(i).isEmpty()) {
          constants.put(node.output(i), result);
        }
      }
    }
    return kept.size() == graph.nodes().size()
        ? graph
        : GraphRewriter.dropUnused(graph.toBuilder().nodes(kept).initializers(constants).build());
  }

  private Optional<List<@Nullable Tensor>> fold(
      Graph graph, Node node, Map<String, Tensor> constants) {
    if (node.operator().isNondeterministic() || !node.operator().subgraphs().isEmpty()) {
      return Optional.empty();
    }
    boolean dequantizes = node.operator() instanceof DequantizeLinear;
    if (dequantizes && keepsNarrowWeights && KeepNarrowWeights.mayKeep(graph, node)) {
      return Optional.empty();
    }
    List<@Nullable Tensor> inputs = new ArrayList<>();
    for (String name : node.inputs()) {
      Tensor constant = constants.get(name);
      if (constant == null && !name.isEmpty()) {
        return Optional.empty();
      }
      inputs.add(constant);
    }
    try {
      boolean widens = dequantizes || unpacks(node, inputs) || isScatteredInto(graph, node, inputs);
      if (!widens && isBloated(node, inputs)) {
        return Optional.empty();
      }
      return Optional.of(Interpreter.eval(node, inputs));
    } catch (TitanException error) {
      return Optional.empty();
    }
  }

  /**
   * True for a cast of packed integers: indices into a codebook, to be widened once as weights are.
   */
  private static boolean unpacks(Node node, List<@Nullable Tensor> inputs) {
    Tensor input = inputs.isEmpty() ? null : inputs.get(0);
    return node.operator() instanceof Cast && input != null && input.dtype().isStorageOnly();
  }

  /**
   * True for a constant of a shape that weights are scattered into, and nothing else reads: as many
   * as one-byte distances between them can reach, so that no small file asks for much memory.
   */
  private static boolean isScatteredInto(Graph graph, Node node, List<@Nullable Tensor> inputs) {
    Tensor shape = inputs.isEmpty() ? null : inputs.get(0);
    if (!(node.operator() instanceof ConstantOfShape)
        || shape == null
        || graph.isOutput(node.output())
        || graph.consumers(node.output()).isEmpty()) {
      return false;
    }
    double elements = 1;
    for (int i = 0; i < shape.size(); i++) {
      elements *= shape.getLong(i);
    }
    for (Node reader : graph.consumers(node.output())) {
      if (!(reader.operator() instanceof ScatterElements)
          || reader.inputs().lastIndexOf(node.output()) != 0
          || elements > MOST_SPREAD * storedElements(graph, reader.input(1))
          || storedElements(graph, reader.input(2)) == 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Of the largest constant that a short chain of nodes leads from to the value; 0 if none does.
   */
  private static long storedElements(Graph graph, String value) {
    long most = graph.constant(value).map(Tensor::size).orElse(0);
    String at = value;
    for (int i = 0; i < LONGEST_CHAIN && graph.constant(at).isEmpty(); i++) {
      Optional<Node> producer = graph.producer(at);
      if (producer.isEmpty()) {
        return 0;
      }
      String source = "";
      for (String input : producer.get().inputs()) {
        Optional<Tensor> constant = graph.constant(input);
        if (constant.isEmpty() && !source.isEmpty()) {
          return 0;
        }
        most = Math.max(most, constant.map(Tensor::size).orElse(0));
        source = constant.isEmpty() ? input : source;
      }
      if (source.isEmpty()) {
        return most;
      }
      at = source;
    }
    return graph.constant(at).isPresent() ? most : 0;
  }

  private static boolean isBloated(Node node, List<@Nullable Tensor> inputs) {
    long read = 0;
    List<Optional<TensorType>> types = new ArrayList<>();
    for (Tensor input : inputs) {
      read += input == null ? 0 : input.byteSize();
      types.add(
          Optional.ofNullable(input).map(tensor -> TensorType.of(tensor.dtype(), tensor.shape())));
    }
    long written = 0;
    for (TensorType type :
        TypeInference.inferNode(node, types, index -> Optional.ofNullable(inputs.get(index)))) {
      // Where a shape depends on data, the data is here, and small.
      written +=
          type.isStatic() && type.dtype() != DType.STRING
              ? type.dtype().byteSize(type.shape().size())
              : 0;
    }
    return written > ALWAYS_BYTES && written > MAX_GROWTH * read;
  }
}
