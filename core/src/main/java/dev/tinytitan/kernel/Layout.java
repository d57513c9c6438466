package dev.tinytitan.kernel;

import dev.tinytitan.tensor.Shape;

/**
 * In which order a tensor's elements lie in its array. A tensor's {@link Shape} is always the
 * logical one of the model (batch, channels, spatial…); the layout says how it is stored inside a
 * plan.
 */
public enum Layout {
  /** As ONNX has it: the last dimension is contiguous. */
  ROW_MAJOR,

  /**
   * Batch, spatial…, channels: the channels (logical dimension 1) are contiguous. Only for tensors
   * of at least three dimensions.
   */
  CHANNELS_LAST;

  /** True if a tensor of this shape lies the same way in both layouts. */
  public static boolean coincide(Shape shape) {
    return shape.rank() < 3
        || shape.size() == 0
        || shape.dim(1) == 1
        || shape.sizeBetween(2, shape.rank()) == 1;
  }
}
