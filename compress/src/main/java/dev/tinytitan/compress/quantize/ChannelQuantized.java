package dev.tinytitan.compress.quantize;

import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;

/**
 * Weights in int8, -127 to 127, with one scale for each output channel and no zero point.
 *
 * @param values int8, the weights' shape
 * @param scales float32, one for each index of the axis
 * @param axis that of the output channels
 */
record ChannelQuantized(Tensor values, Tensor scales, int axis) implements StoredWeights {
  private static final int GREATEST = 127;

  /**
   * Quantizes weights.
   *
   * @param axis that of the output channels; not negative
   * @param leastScales for each channel the least scale allowed; all 0 if any will do
   */
  static ChannelQuantized quantize(Tensor weights, int axis, float[] leastScales) {
    Shape shape = weights.shape();
    int channels = shape.dim(axis);
    int inner = shape.sizeBetween(axis + 1, shape.rank());
    float[] source = weights.toFloatArray();
    float[] scales = new float[channels];
    for (int i = 0; i < source.length; i++) {
      int channel = i / inner % channels;
      scales[channel] = Math.max(scales[channel], Math.abs(source[i]) / GREATEST);
    }
    for (int channel = 0; channel < channels; channel++) {
      float scale = Math.max(scales[channel], leastScales[channel]);
      scales[channel] = scale < Float.MIN_NORMAL ? 1 : scale;
    }
    byte[] values = new byte[source.length];
    for (int i = 0; i < source.length; i++) {
      double steps = Math.rint(source[i] / scales[i / inner % channels]);
      values[i] = (byte) Math.clamp(steps, -GREATEST, GREATEST);
    }
    return new ChannelQuantized(
        Tensor.of(values, shape.toArray()), Tensor.of(scales, channels), axis);
  }

  /** As {@link #quantize(Tensor, int, float[])} with any scale allowed. */
  static ChannelQuantized quantize(Tensor weights, int axis) {
    return quantize(weights, axis, new float[weights.shape().dim(axis)]);
  }

  @Override
  public Tensor dequantize() {
    Shape shape = values.shape();
    int inner = shape.sizeBetween(axis + 1, shape.rank());
    float[] result = new float[values.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = values.getInt(i) * scales.getFloat(i / inner % shape.dim(axis));
    }
    return Tensor.of(result, shape.toArray());
  }
}
