package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What quantized operators do to scales and zero points; docs/numerics.md has the formulas. */
public final class Quantized {
  private Quantized() {}

  /** {@code (x scale * weight scale) / y scale}, each step in float32. */
  public static float multiplier(float xScale, float wScale, float yScale) {
    return (xScale * wScale) / yScale;
  }

  /**
   * The elements less their zero point.
   *
   * @param zeroPoint null for 0; one element; one for each index of {@code axis}; or more
   *     dimensions that are broadcast to the tensor
   * @param axis where a vector of zero points lies, negative counts from the end
   */
  static double[] centered(Tensor tensor, @Nullable Tensor zeroPoint, int axis) {
    double[] values = tensor.toDoubleArray();
    if (zeroPoint == null) {
      return values;
    }
    Parameter zeros = new Parameter("zero point", zeroPoint, tensor.shape(), axis);
    for (int i = 0; i < values.length; i++) {
      values[i] -= zeros.at(i);
    }
    return values;
  }

  /** A scale or zero point as each element of a tensor sees it. */
  static final class Parameter {
    private final double[] values;
    private final int[] map;

    /**
     * A parameter of one element; one for each index of {@code axis}; or more dimensions that are
     * broadcast to the tensor.
     *
     * @throws ShapeMismatchException if it is none of these
     */
    Parameter(String name, Tensor parameter, Shape shape, int axis) {
      this.values = parameter.toDoubleArray();
      this.map = new int[values.length == 1 ? 0 : shape.size()];
      if (values.length == 1) {
        return;
      }
      Shape aligned = parameter.shape();
      if (aligned.rank() == 1) {
        int[] dims = new int[shape.rank()];
        Arrays.fill(dims, 1);
        dims[Shapes.axis(axis, shape.rank())] = values.length;
        aligned = Shape.of(dims);
      }
      if (!Shapes.broadcast(aligned, shape).equals(shape)) {
        throw new ShapeMismatchException(
            "A "
                + name
                + " of shape "
                + parameter.shape()
                + " does not fit a tensor of shape "
                + shape
                + ".");
      }
      Broadcast walk = new Broadcast(shape, aligned);
      for (int i = 0; i < map.length; i++, walk.next()) {
        map[i] = walk.index(0);
      }
    }

    /** The parameter of element {@code index}. */
    double at(int index) {
      return values[map.length == 0 ? 0 : map[index]];
    }
  }
}
