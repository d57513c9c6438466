package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * An operator that makes one number of all elements along some axes. The axes are an optional int64
 * vector, input 1; without it, or with an empty one, all axes are meant.
 */
public interface Reduction extends Operator {

  /** Whether reduced axes stay with size 1. */
  boolean keepDims();

  /**
   * Whether no axes mean that each element is reduced alone, instead of everything together. Of the
   * operator remains what it does with each number: ReduceSum gives its input, and ReduceSumSquare
   * the squares.
   */
  boolean noopWithEmptyAxes();

  /** The result for floating-point elements; may be none. */
  double reduce(double[] elements);

  /**
   * The result for integers or bools; may be none. The default reduces them as float64 and cuts the
   * result towards zero.
   *
   * @param dtype the type that the result is cut to
   */
  default long reduce(long[] elements, DType dtype) {
    double[] doubles = new double[elements.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] =
          dtype == DType.UINT64 ? (elements[i] >>> 1) * 2.0 + (elements[i] & 1) : elements[i];
    }
    return (long) reduce(doubles);
  }

  /** The opset that made an input of the attribute {@code axes}. */
  default int axesInputSince() {
    return 18;
  }

  /** Makes a reduction from its two attributes. */
  @FunctionalInterface
  interface Factory {
    /** The reduction with these attributes. */
    Reduction make(boolean keepDims, boolean noopWithEmptyAxes);
  }

  /** The specification of a reduction. */
  static OpSpec spec(String name, int since, Factory factory) {
    return OpSpec.onnx(name, since)
        .compatibleSince(1)
        .inputs(1, 2)
        .decoder(context -> {
          Reduction reduction =
              factory.make(
                  context.attributes().getBoolean("keepdims", true),
                  context.attributes().getBoolean("noop_with_empty_axes", false));
          if (context.opset() < reduction.axesInputSince()) {
            context.attributeToInput("axes", 1);
          }
          return reduction;
        })
        .build();
  }

  @Override
  default Attributes attributes() {
    return Attributes.builder()
        .putUnless(true, "keepdims", keepDims())
        .putUnless(false, "noop_with_empty_axes", noopWithEmptyAxes())
        .build();
  }

  @Override
  default void export(ExportContext context) {
    context.attributes(attributes());
    if (noopWithEmptyAxes()) {
      context.requireOpset(axesInputSince());
    } else {
      int[] axes = context.constant(1).map(Tensor::toIntArray).orElse(new int[0]);
      context.requireOpset(Arrays.stream(axes).anyMatch(axis -> axis < 0) ? 11 : 1);
      context.inputWasAttributeUntil(axesInputSince(), 1, "axes", false);
    }
  }

  @Override
  default List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (context.hasInput(1) && context.constant(1).isEmpty() && !isEmpty(context.input(1))) {
      return List.of(inferUnknownAxes(input, context.input(1)));
    }
    if (!input.hasRank()) {
      boolean all = !context.hasInput(1) || isEmpty(context.input(1));
      return List.of(
          all && !keepDims() && !noopWithEmptyAxes() ? input.withDims(List.of()) : input);
    }
    int[] axes = context.constant(1).map(Tensor::toIntArray).orElse(new int[0]);
    boolean[] reduced = reducedAxes(axes, input.rank());
    Dim one = keepDims() ? Dim.of(1) : null;
    return List.of(input.withDims(AxisGroups.reduce(input.knownDims(), reduced, one)));
  }

  private static boolean isEmpty(TensorType axes) {
    return axes.isStatic() && axes.shape().size() == 0;
  }

  private TensorType inferUnknownAxes(TensorType input, TensorType axes) {
    if (!input.hasRank() || (!keepDims() && !axes.isStatic())) {
      return TensorType.unknown(input.dtype());
    }
    return TensorType.ofRank(
        input.dtype(), keepDims() ? input.rank() : input.rank() - axes.shape().size());
  }

  private boolean[] reducedAxes(int[] axes, int rank) {
    if (axes.length > 0) {
      return Shapes.axes(axes, rank);
    }
    boolean[] all = new boolean[rank];
    Arrays.fill(all, !noopWithEmptyAxes());
    return all;
  }

  @Override
  default void eval(EvalContext context) {
    Tensor x = context.input(0);
    int[] axes = context.hasInput(1) ? context.input(1).toIntArray() : new int[0];
    boolean[] reduced = reducedAxes(axes, x.shape().rank());
    Tensor y = context.output(0, x.dtype(), AxisGroups.reduce(x.shape(), reduced, keepDims()));
    AxisGroups groups = AxisGroups.of(x.shape(), reduced);
    int[] offsets = groups.offsets();
    double[] doubles = new double[x.dtype().isFloat() ? offsets.length : 0];
    long[] longs = new long[x.dtype().isFloat() ? 0 : offsets.length];
    for (int i = 0; i < y.size(); i++) {
      int start = groups.starts()[i];
      if (x.dtype().isFloat()) {
        for (int j = 0; j < offsets.length; j++) {
          doubles[j] = x.getDouble(start + offsets[j]);
        }
        y.setDouble(i, reduce(doubles));
      } else {
        for (int j = 0; j < offsets.length; j++) {
          longs[j] = x.getLong(start + offsets[j]);
        }
        y.setLong(i, reduce(longs, x.dtype()));
      }
    }
  }
}
