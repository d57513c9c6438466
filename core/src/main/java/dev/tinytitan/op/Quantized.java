package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The arithmetic of integer operators, written down in docs/numerics.md. */
public final class Quantized {
  private Quantized() {}

  /**
   * One requantized number: {@code rint(clamp(float(sum) * multiplier, low - zeroPoint, high -
   * zeroPoint)) + zeroPoint}, with one float32 multiplication, half to even.
   *
   * @param sum the exact int32 sum
   * @param multiplier input scale times weight scale by output scale, in float32
   * @param low the least result: the dtype's, or more for a fused activation
   * @param high the greatest result
   */
  public static int requantize(int sum, float multiplier, int zeroPoint, int low, int high) {
    return round((float) sum * multiplier, zeroPoint, low, high);
  }

  /** A real number in steps of the output: clamped, rounded half to even, shifted. */
  public static int round(float steps, int zeroPoint, int low, int high) {
    float clamped =
        Math.min(Math.max(steps, (float) (low - zeroPoint)), (float) (high - zeroPoint));
    return (int) Math.rint(clamped) + zeroPoint;
  }

  /** {@code (x scale * weight scale) / y scale}, each step in float32. */
  public static float multiplier(float xScale, float wScale, float yScale) {
    return (xScale * wScale) / yScale;
  }

  /**
   * The elements less their zero point.
   *
   * @param zeroPoint null for 0; one element; one for each index of {@code axis}; or of the
   *     tensor's rank and broadcast to it
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
     * A parameter of one element; one for each index of {@code axis}; or of the tensor's rank and
     * broadcast to it.
     *
     * @throws ShapeMismatchException if it is none of these
     */
    Parameter(String name, Tensor parameter, Shape shape, int axis) {
      this.values = parameter.toDoubleArray();
      this.map = new int[values.length == 1 ? 0 : shape.size()];
      if (values.length == 1) {
        return;
      }
      int[] dims = new int[shape.rank()];
      Arrays.fill(dims, 1);
      int at = Shapes.axis(axis, shape.rank());
      if (parameter.shape().rank() == 1 && values.length == shape.dim(at)) {
        dims[at] = values.length;
      } else if (parameter.shape().rank() == shape.rank()) {
        dims = parameter.shape().toArray();
      }
      Shape aligned = Shape.of(dims);
      if (aligned.size() != values.length || !Shapes.broadcast(aligned, shape).equals(shape)) {
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
