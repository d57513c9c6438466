package dev.tinytitan.op;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The arithmetic that all convolutions share: float and integer, of any rank and number of groups.
 *
 * <p>It computes in double. Products of two float32 numbers are exact there, and sums of products
 * of 8-bit numbers are exact too, so that the integer operators get their exact int32 sums from the
 * same loops.
 */
final class Convolution {
  private Convolution() {}

  /** A shape and its elements. */
  static final class Result {
    private final Shape shape;
    private final double[] values;

    Result(Shape shape, double[] values) {
      this.shape = shape;
      this.values = values;
    }

    Shape shape() {
      return shape;
    }

    double[] values() {
      return values;
    }
  }

  /**
   * Convolves.
   *
   * @param x the input {@code [N, C, spatial…]}; padding is 0
   * @param w the weights {@code [M, C / group, kernel…]}
   * @return {@code [N, M, spatial…]}
   * @throws ShapeMismatchException if the shapes do not fit
   */
  static Result convolve(
      double[] x, Shape xShape, double[] w, Shape wShape, Window window, int group) {
    requireFit(xShape, wShape, group);
    List<Integer> kernel = kernel(window, wShape);
    WindowGeometry geometry = window.geometry(xShape, kernel);
    int channels = xShape.dim(1);
    int filters = wShape.dim(0);
    int taps = geometry.kernelSize();
    int groupChannels = channels / group;
    int groupFilters = filters / group;
    int area = geometry.inputSize();
    int positions = geometry.outputSize();
    Shape shape = geometry.outputShape(xShape.dim(0), filters);
    double[] y = new double[shape.size()];
    double[] patch = new double[groupChannels * taps];
    int[] offsets = new int[Math.max(taps, 1)];
    for (int position = 0; position < positions; position++) {
      geometry.inputOffsets(position, offsets);
      for (int block = 0; block < xShape.dim(0) * group; block++) {
        for (int c = 0; c < groupChannels; c++) {
          int base = (block * groupChannels + c) * area;
          for (int k = 0; k < taps; k++) {
            patch[c * taps + k] = offsets[k] < 0 ? 0 : x[base + offsets[k]];
          }
        }
        int filter = block % group * groupFilters;
        for (int m = 0; m < groupFilters; m++) {
          y[(block * groupFilters + m) * positions + position] =
              dot(patch, w, (filter + m) * patch.length);
        }
      }
    }
    return new Result(shape, y);
  }

  /** The products of a patch with the weights from {@code start} on, added up. */
  static double dot(double[] patch, double[] weights, int start) {
    double sum = 0;
    for (int i = 0; i < patch.length; i++) {
      sum += patch[i] * weights[start + i];
    }
    return sum;
  }

  /** Adds a bias per channel to {@code [N, channels, …]}. */
  static void addBias(Result result, double[] bias) {
    int channels = result.shape().dim(1);
    requireBias(bias.length, channels);
    double[] y = result.values();
    int area = result.shape().sizeBetween(2, result.shape().rank());
    for (int block = 0; block < result.shape().dim(0) * channels; block++) {
      for (int i = 0; i < area; i++) {
        y[block * area + i] += bias[block % channels];
      }
    }
  }

  /**
   * The window's size: the weights' own, with which a {@code kernel_shape} must agree.
   *
   * @throws ShapeMismatchException if it does not
   */
  static List<Integer> kernel(Window window, Shape weights) {
    List<Integer> kernel = Arrays.stream(weights.toArray()).skip(2).boxed().toList();
    if (!window.kernel().isEmpty() && !window.kernel().equals(kernel)) {
      throw new ShapeMismatchException(
          "'kernel_shape' is " + window.kernel() + " but the weights are " + weights + ".");
    }
    return kernel;
  }

  /** Requires an input to fit weights. */
  static void requireFit(Shape x, Shape w, int group) {
    if (x.rank() != w.rank()
        || x.rank() < 2
        || x.dim(1) != (long) w.dim(1) * group
        || w.dim(0) % group != 0) {
      throw new ShapeMismatchException(
          "An input of shape "
              + x
              + " does not fit weights of shape "
              + w
              + " in "
              + group
              + (group == 1 ? " group." : " groups."));
    }
  }

  private static void requireBias(int length, int channels) {
    if (length != channels) {
      throw new ShapeMismatchException(
          "A bias of " + length + " elements does not fit " + channels + " output channels.");
    }
  }

  /** The output's type as far as the inputs' types tell. */
  static TensorType infer(TensorType x, TensorType w, DType result, Window window, int group) {
    if (x.isStatic() && w.isStatic()) {
      requireFit(x.shape(), w.shape(), group);
    }
    if (!x.hasRank() || (!w.hasRank() && window.kernel().isEmpty())) {
      int rank = x.hasRank() ? x.rank() : w.hasRank() ? w.rank() : -1;
      return rank < 0 ? TensorType.unknown(result) : TensorType.ofRank(result, rank);
    }
    List<@Nullable Integer> kernel = new ArrayList<>(window.kernel());
    if (w.hasRank()) {
      kernel.clear();
      for (Dim dim : w.knownDims().subList(2, w.rank())) {
        int axis = kernel.size();
        boolean given = axis < window.kernel().size();
        kernel.add(
            dim.isFixed() ? Integer.valueOf(dim.size()) : given ? window.kernel().get(axis) : null);
      }
    }
    List<Dim> dims = new ArrayList<>(x.rank());
    dims.add(x.dim(0));
    dims.add(w.hasRank() ? w.dim(0) : Dim.UNKNOWN);
    dims.addAll(window.outputDims(x.knownDims(), Collections.unmodifiableList(kernel)));
    return new TensorType(result, dims);
  }

  /** Multiply-adds: every output takes one for each weight of its filter, padding included. */
  static Cost cost(
      List<@Nullable TensorType> inputs, List<TensorType> outputs, @Nullable TensorType weights) {
    long bytes = Operator.bytesMoved(inputs, outputs);
    TensorType output = outputs.get(0);
    if (weights == null || !weights.isStatic() || !output.isStatic()) {
      return new Cost(0, bytes);
    }
    Shape w = weights.shape();
    return new Cost((long) output.shape().size() * w.sizeBetween(1, w.rank()), bytes);
  }

  /**
   * A group count.
   *
   * @throws MalformedModelException if it is not positive
   */
  static int requireGroup(int group) {
    if (group < 1) {
      throw new MalformedModelException(
          "Attribute 'group' is " + group + "; the least value is 1.");
    }
    return group;
  }
}
