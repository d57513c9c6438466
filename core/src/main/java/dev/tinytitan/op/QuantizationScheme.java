package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;

/**
 * Which scale and zero point belong to which element: one for all, one for each index along an
 * axis, or one for each block of elements along it.
 */
final class QuantizationScheme {
  private final int size;
  private final int inner;
  private final int blocks;
  private final int blockSize;
  private final boolean one;
  private final boolean perAxis;

  /**
   * @param axis the quantized axis, where there is more than one scale
   * @param blockSize elements along the axis that share a scale; 0 if not in blocks
   * @throws ShapeMismatchException if the scales do not fit
   */
  QuantizationScheme(Shape data, Shape scale, int axis, int blockSize) {
    this.blockSize = blockSize;
    this.one = blockSize == 0 && scale.size() == 1;
    this.perAxis = blockSize == 0;
    if (one) {
      this.size = 1;
      this.inner = 1;
      this.blocks = 1;
      return;
    }
    int front = Shapes.axis(axis, data.rank());
    this.size = data.dim(front);
    this.inner = data.sizeBetween(front + 1, data.rank());
    this.blocks = perAxis ? size : Math.ceilDiv(size, blockSize);
    boolean fits =
        perAxis
            ? scale.rank() == 1 && scale.dim(0) == size
            : blockSize > 0 && scale.equals(data.withDim(front, blocks));
    if (!fits) {
      throw new ShapeMismatchException(
          "Scales of shape "
              + scale
              + " do not fit a tensor of shape "
              + data
              + " along axis "
              + axis
              + (perAxis ? "" : " in blocks of " + blockSize)
              + ".");
    }
  }

  /** Flat index of the scale of element {@code index}. */
  int scaleIndex(int index) {
    if (one) {
      return 0;
    }
    int along = index / inner % size;
    return perAxis
        ? along
        : (index / inner / size * blocks + along / blockSize) * inner + index % inner;
  }

  /** Flat index of the zero point that goes with a scale: one zero point may serve all. */
  static int zeroPointIndex(Tensor zeroPoint, int scaleIndex) {
    return zeroPoint.size() == 1 ? 0 : scaleIndex;
  }
}
