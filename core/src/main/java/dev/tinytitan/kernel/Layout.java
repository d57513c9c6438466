package dev.tinytitan.kernel;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;

/**
 * How a tensor's elements lie in its array. A tensor's {@link Shape} and dtype are always the
 * logical ones of the model (batch, channels, spatial…); the layout says how they are stored inside
 * a plan.
 *
 * <p>Two things vary. The order: row-major as ONNX has it, or with the channels (dimension 1)
 * contiguous, for tensors of at least three dimensions. The width: 8-bit integers lie in bytes, or
 * "wide", each as a float of the same value: integer sums are exact in float32 up to 2²⁴, and the
 * float inner loops are the fastest that an engine without dot-product instructions has
 * (docs/numerics.md).
 */
public enum Layout {
  /** As ONNX has it: the last dimension is contiguous. */
  ROW_MAJOR(false, false),

  /** Batch, spatial…, channels. */
  CHANNELS_LAST(true, false),

  /** As {@link #ROW_MAJOR}; 8-bit integers as floats. */
  WIDE_ROW_MAJOR(false, true),

  /** As {@link #CHANNELS_LAST}; 8-bit integers as floats. */
  WIDE_CHANNELS_LAST(true, true);

  private final boolean channelsLast;
  private final boolean wide;

  Layout(boolean channelsLast, boolean wide) {
    this.channelsLast = channelsLast;
    this.wide = wide;
  }

  /** True if channels are contiguous. */
  public boolean isChannelsLast() {
    return channelsLast;
  }

  /** True if 8-bit integers lie as floats. */
  public boolean isWide() {
    return wide;
  }

  /** The same width, row-major. */
  public Layout rowMajor() {
    return wide ? WIDE_ROW_MAJOR : ROW_MAJOR;
  }

  /** The same order, 8-bit integers in bytes. */
  public Layout narrow() {
    return channelsLast ? CHANNELS_LAST : ROW_MAJOR;
  }

  /** The simplest layout in which a tensor of this dtype and shape lies as it does in this one. */
  public Layout canonical(DType dtype, Shape shape) {
    Layout ordered = coincide(shape) ? rowMajor() : this;
    return canBeWide(dtype) ? ordered : ordered.narrow();
  }

  /** The dtype of the array's elements for a tensor of this dtype: float32 where it lies wide. */
  public DType stored(DType dtype) {
    return wide && canBeWide(dtype) ? DType.FLOAT32 : dtype;
  }

  private static boolean canBeWide(DType dtype) {
    return dtype == DType.UINT8 || dtype == DType.INT8;
  }

  /** True if a tensor of this shape lies the same way in both orders. */
  public static boolean coincide(Shape shape) {
    return shape.rank() < 3
        || shape.size() == 0
        || shape.dim(1) == 1
        || shape.sizeBetween(2, shape.rank()) == 1;
  }
}
