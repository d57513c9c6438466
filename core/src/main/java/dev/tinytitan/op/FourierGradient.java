package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;

/**
 * Gradients of Fourier transforms. These are linear, so that a gradient is the adjoint transform of
 * what comes in: the inverse one times the length, and the other way round.
 */
final class FourierGradient {
  private FourierGradient() {}

  /**
   * The adjoint of a transform of a given length, from all numbers of its output or from the first
   * ones: those that were not given have no gradient.
   *
   * @param gradient of the output, along {@code axis}; its last dimension is 1 or 2
   * @param inverse whether the transform was the inverse one
   * @return the last dimension is 2
   */
  static String adjoint(
      GradientContext context, String gradient, int axis, int length, boolean inverse) {
    String whole = resized(context, gradient, axis, length);
    String back =
        context.add(
            new DFT(!inverse, false), whole, "", context.constant(Tensor.scalar((long) axis)));
    return Gradients.scaled(context, back, inverse ? 1.0 / length : length);
  }

  /** The first so many along an axis, or all of them and zeros behind. */
  static String resized(GradientContext context, String value, int axis, int size) {
    Shape shape = context.shape(value);
    int now = shape.dim(axis);
    if (now > size) {
      return context.add(
          new Slice(),
          value,
          Gradients.longs(context, 0),
          Gradients.longs(context, size),
          Gradients.longs(context, axis));
    }
    if (now == size) {
      return value;
    }
    int[] pads = new int[2 * shape.rank()];
    pads[shape.rank() + axis] = size - now;
    return context.add(new Pad(Pad.Mode.CONSTANT), value, Gradients.longs(context, pads));
  }

  /**
   * Doubles what one side of a real signal's transform stands for twice: all numbers but the first,
   * and the last one of an even length.
   */
  static String doubled(GradientContext context, String side, int axis, int length) {
    int size = context.shape(side).dim(axis);
    int[] dims = new int[context.shape(side).rank()];
    Arrays.fill(dims, 1);
    dims[axis] = size;
    Tensor factors = Tensor.zeros(context.type(side).dtype(), Shape.of(dims));
    for (int i = 0; i < size; i++) {
      factors.setDouble(i, length - i > length / 2 && i > 0 ? 2 : 1);
    }
    return context.add(new Mul(), side, context.constant(factors));
  }

  /** Where each sample of each frame lies: int64 [frames * length]. */
  static Tensor places(int frames, int length, int step) {
    Tensor places = Tensor.zeros(DType.INT64, Shape.of(frames * length));
    for (int i = 0; i < frames * length; i++) {
      places.setLong(i, (long) i / length * step + i % length);
    }
    return places;
  }
}
