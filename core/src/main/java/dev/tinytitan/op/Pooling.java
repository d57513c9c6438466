package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** What the poolings share: the walk over windows, the global ones, the shape rules. */
final class Pooling {
  /** More window elements than any model has; a hostile one must not exhaust memory. */
  private static final int MAX_WINDOW = 1 << 24;

  private Pooling() {}

  /** Makes one output of the elements under a window. */
  @FunctionalInterface
  interface Reduction {
    /**
     * Reduces one window.
     *
     * @param x all elements of the input
     * @param base where the channel's spatial elements begin
     * @param offsets the window's elements from there, -1 for those in the padding
     * @param position the window's position in {@code geometry}
     */
    double reduce(double[] x, int base, int[] offsets, WindowGeometry geometry, int position);
  }

  /** Pools input 0 into output 0, of the same dtype. */
  static void pool(EvalContext context, Window window, Reduction reduction) {
    pool(context, window, context.input(0).dtype(), reduction);
  }

  /** Pools input 0 into output 0, of dtype {@code result}. */
  static void pool(EvalContext context, Window window, DType result, Reduction reduction) {
    Tensor input = context.input(0);
    WindowGeometry geometry = window.geometry(input.shape());
    int planes = input.shape().sizeBetween(0, 2);
    int area = geometry.inputSize();
    int positions = geometry.outputSize();
    double[] x = input.toDoubleArray();
    Shape shape = geometry.outputShape(input.shape().dim(0), input.shape().dim(1));
    double[] y = new double[shape.size()];
    int[] offsets = offsets(geometry);
    for (int position = 0; position < positions; position++) {
      geometry.inputOffsets(position, offsets);
      for (int plane = 0; plane < planes; plane++) {
        y[plane * positions + position] =
            reduction.reduce(x, plane * area, offsets, geometry, position);
      }
    }
    Elements.store(y, context.output(0, result, shape));
  }

  private static int[] offsets(WindowGeometry geometry) {
    int size = geometry.kernelSize();
    if (size > MAX_WINDOW) {
      throw new ShapeMismatchException("A window of " + size + " elements is too large.");
    }
    return new int[size];
  }

  /** The output's type. */
  static TensorType infer(InferenceContext context, Window window) {
    TensorType x = context.input(0);
    if (!x.hasRank()) {
      return window.kernel().isEmpty()
          ? x
          : TensorType.ofRank(x.dtype(), window.kernel().size() + 2);
    }
    List<Dim> dims = new ArrayList<>(x.knownDims().subList(0, Math.min(2, x.rank())));
    dims.addAll(window.outputDims(x.knownDims(), window.kernel()));
    return x.withDims(dims);
  }

  /** Makes one number of all spatial elements of a channel. */
  @FunctionalInterface
  interface GlobalReduction {
    /** Reduces elements {@code from} to {@code to} (exclusive). */
    double reduce(double[] x, int from, int to);
  }

  /** Pools all spatial elements of input 0 into output 0, of the same dtype. */
  static void poolGlobally(EvalContext context, GlobalReduction reduction) {
    poolGlobally(context, context.input(0).dtype(), reduction);
  }

  /** Pools all spatial elements of input 0 into output 0, of dtype {@code result}. */
  static void poolGlobally(EvalContext context, DType result, GlobalReduction reduction) {
    Tensor input = context.input(0);
    Shape shape = input.shape();
    requireChannels(shape.rank());
    int area = shape.sizeBetween(2, shape.rank());
    double[] x = input.toDoubleArray();
    double[] y = new double[shape.sizeBetween(0, 2)];
    for (int plane = 0; plane < y.length; plane++) {
      y[plane] = reduction.reduce(x, plane * area, (plane + 1) * area);
    }
    Elements.store(y, context.output(0, result, globalShape(shape)));
  }

  /** Batch and channels, then ones. */
  static Shape globalShape(Shape input) {
    int[] dims = input.toArray();
    Arrays.fill(dims, 2, dims.length, 1);
    return Shape.of(dims);
  }

  /** The output's type of a global pooling. */
  static List<TensorType> inferGlobal(TensorType input) {
    if (!input.hasRank()) {
      return List.of(input);
    }
    requireChannels(input.rank());
    List<Dim> dims = new ArrayList<>(input.knownDims().subList(0, 2));
    dims.addAll(Collections.nCopies(input.rank() - 2, Dim.of(1)));
    return List.of(input.withDims(dims));
  }

  private static void requireChannels(int rank) {
    if (rank < 2) {
      throw new ShapeMismatchException(
          "Pooling needs an input of batch, channels and spatial axes; this one has "
              + rank
              + " dimensions.");
    }
  }
}
