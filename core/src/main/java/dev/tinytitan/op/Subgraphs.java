package dev.tinytitan.op;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.OpaqueType;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What If, Loop and Scan share. */
final class Subgraphs {
  /** Rounds after which carried values whose types still change are given up. */
  private static final int MAX_ROUNDS = 8;

  /** Bodies that nest loops deeper than this are inferred in one round, so that time is bounded. */
  private static final int MAX_NESTING = 3;

  private Subgraphs() {}

  /** The types of the inputs from {@code from} to before {@code to}. */
  static List<TensorType> inputTypes(InferenceContext context, int from, int to) {
    List<TensorType> types = new ArrayList<>();
    for (int i = from; i < to; i++) {
      types.add(context.input(i));
    }
    return types;
  }

  /** The inputs from {@code from} to before {@code to}. */
  static List<Tensor> inputs(EvalContext context, int from, int to) {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = from; i < to; i++) {
      tensors.add(context.input(i));
    }
    return tensors;
  }

  /**
   * What is known of a value that has one of two types.
   *
   * @throws ShapeMismatchException if their dtypes differ
   */
  static TensorType either(TensorType left, TensorType right) {
    Shapes.requireSameDType(left, right);
    if (!left.hasRank() || !right.hasRank() || left.rank() != right.rank()) {
      return TensorType.unknown(left.dtype());
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < left.rank(); i++) {
      dims.add(left.dim(i).equals(right.dim(i)) ? left.dim(i) : Dim.UNKNOWN);
    }
    return left.withDims(dims);
  }

  /**
   * The types of a loop body's outputs, once the types of the values that it carries from iteration
   * to iteration have settled.
   *
   * @param before types of the body's inputs before the carried ones
   * @param carried types of the carried values when the loop starts
   * @param after types of the body's inputs after the carried ones
   * @param settled receives the types that the carried values have whenever they are looked at
   * @return the types of all outputs, of which the carried values are the first
   */
  static List<TensorType> settle(
      InferenceContext context,
      Graph body,
      List<TensorType> before,
      List<TensorType> carried,
      List<TensorType> after,
      List<TensorType> settled) {
    settled.addAll(carried);
    int rounds = nesting(body) > MAX_NESTING ? 0 : MAX_ROUNDS;
    for (int round = 0; ; round++) {
      if (round == rounds) {
        settled.replaceAll(type -> TensorType.unknown(type.dtype()));
      }
      List<TensorType> inputs = new ArrayList<>(before);
      inputs.addAll(settled);
      inputs.addAll(after);
      List<TensorType> outputs = context.infer(body, inputs);
      boolean changed = false;
      for (int i = 0; i < settled.size(); i++) {
        TensorType type = either(settled.get(i), outputs.get(i));
        changed |= !type.equals(settled.set(i, type));
      }
      if (!changed || round >= rounds) {
        return outputs;
      }
    }
  }

  private static int nesting(Graph graph) {
    int deepest = 0;
    for (Node node : graph.nodes()) {
      for (Graph subgraph : node.operator().subgraphs()) {
        deepest = Math.max(deepest, 1 + nesting(subgraph));
      }
    }
    return deepest;
  }

  /** Gives a subgraph's result, which may be one of its inputs, as an output of the node. */
  static void copyOut(EvalContext context, int index, Tensor result) {
    if (context.wantsOutput(index)) {
      context.output(index, result.dtype(), result.shape()).copyFrom(result);
    }
  }

  /**
   * Gives what the iterations gave, stacked along a new axis, as an output of the node.
   *
   * @param axis of the stacked tensor; negative counts from its end
   * @param reversed whether the last iteration comes first
   * @param type what type an iteration's result would have, where there was no iteration
   */
  static void stack(
      EvalContext context,
      int index,
      List<Tensor> parts,
      int axis,
      boolean reversed,
      Supplier<TensorType> type) {
    if (!context.wantsOutput(index)) {
      return;
    }
    if (parts.isEmpty()) {
      TensorType element = type.get();
      List<Dim> known = element.hasRank() ? element.knownDims() : List.of();
      Shape shape =
          Shape.of(known.stream().mapToInt(dim -> dim.isFixed() ? dim.size() : 0).toArray());
      context.output(index, element.dtype(), inserted(shape, axis, 0));
      return;
    }
    Tensor first = parts.get(0);
    Tensor y = context.output(index, first.dtype(), inserted(first.shape(), axis, parts.size()));
    int along = Shapes.axis(axis, y.shape().rank());
    int[] strides = without(y.shape().strides(), along);
    int step = y.shape().strides()[along];
    for (int i = 0; i < parts.size(); i++) {
      Tensor part = parts.get(i);
      if (!part.shape().equals(first.shape())) {
        throw new ShapeMismatchException(
            "Iterations gave shapes "
                + first.shape()
                + " and "
                + part.shape()
                + ", which cannot be stacked.");
      }
      int place = reversed ? parts.size() - 1 - i : i;
      StridedCopy.copy(
          part.shape().toArray(), y, place * step, strides, part, 0, part.shape().strides());
    }
  }

  private static Shape inserted(Shape shape, int axis, int size) {
    int along = Shapes.axis(axis, shape.rank() + 1);
    int[] dims = new int[shape.rank() + 1];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = i < along ? shape.dim(i) : i == along ? size : shape.dim(i - 1);
    }
    return Shape.of(dims);
  }

  /** The type of stacked results. */
  static TensorType inserted(TensorType type, int axis, Dim size) {
    if (!type.hasRank()) {
      return type;
    }
    List<Dim> dims = new ArrayList<>(type.knownDims());
    dims.add(Shapes.axis(axis, type.rank() + 1), size);
    return type.withDims(dims);
  }

  /** These numbers without the one at an index. */
  static int[] without(int[] values, int index) {
    int[] others = new int[values.length - 1];
    for (int i = 0; i < others.length; i++) {
      others[i] = values[i < index ? i : i + 1];
    }
    return others;
  }

  /** The type that an output of a subgraph would have for inputs of these shapes. */
  static TensorType outputType(Graph body, List<Tensor> inputs, int output) {
    Map<String, TensorType> types = new HashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      Tensor input = inputs.get(i);
      types.put(body.inputs().get(i).name(), TensorType.of(input.dtype(), input.shape()));
    }
    TensorType inferred =
        TypeInference.infer(body, types, Map.of()).get(body.outputs().get(output).name());
    if (inferred == null && body.outputs().get(output).type() instanceof TensorType declared) {
      return declared;
    }
    if (inferred == null) {
      throw new MalformedModelException(
          "Output '"
              + body.outputs().get(output).name()
              + "' of subgraph '"
              + body.name()
              + "' has no known type.");
    }
    return inferred;
  }

  /** A subgraph attribute that takes and gives tensors only; others are not supported. */
  static Graph decode(ImportContext context, String attribute) {
    Graph graph = context.attributes().getGraph(attribute);
    for (List<Value> values : List.of(graph.inputs(), graph.outputs())) {
      for (Value value : values) {
        if (value.type() instanceof OpaqueType opaque) {
          throw context.unsupported("its " + attribute + " has a " + opaque.kind() + " value");
        }
      }
    }
    return graph;
  }

  /**
   * Requires a subgraph to have enough inputs and outputs.
   *
   * @throws MalformedModelException if it has fewer
   */
  static void requireSize(Graph graph, int inputs, int outputs) {
    if (graph.inputs().size() < inputs || graph.outputs().size() < outputs) {
      throw new MalformedModelException(
          "Subgraph '"
              + graph.name()
              + "' has "
              + graph.inputs().size()
              + " inputs and "
              + graph.outputs().size()
              + " outputs; at least "
              + inputs
              + " and "
              + outputs
              + " are needed.");
    }
  }
}
