package dev.tinytitan.edge.learn;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;

/**
 * The integers that a quantized tensor is stored in: {@code value = (code - zero) * scale}, with
 * one scale for all of it or one for each index of an axis. Learning steps a float copy of the
 * values and rounds it back to the same grid.
 *
 * <p>That is quantization-aware scaling (Lin et al. 2022, On-Device Training Under 256KB Memory): a
 * step of the value by its gradient is a step of the code by the code's gradient times scale⁻².
 *
 * @param dtype of the codes
 * @param scale one number, or one for each index of the axis
 * @param zero as many zero points, or none for 0
 * @param axis which dimension has its own scales; ignored where there is one scale
 */
@SuppressWarnings("ArrayRecordComponent") // made once, never compared
record IntegerGrid(DType dtype, float[] scale, long[] zero, int axis) {

  /** The numbers that codes stand for. */
  float[] values(Tensor codes) {
    float[] values = new float[codes.size()];
    for (int i = 0; i < values.length; i++) {
      int channel = channel(codes.shape(), i);
      values[i] = (codes.getLong(i) - zeroOf(channel)) * scaleOf(channel);
    }
    return values;
  }

  /** The codes nearest to some numbers, cut to the range of the dtype. */
  Tensor codes(float[] values, Shape shape) {
    Tensor codes = Tensor.zeros(dtype, shape);
    for (int i = 0; i < codes.size(); i++) {
      int channel = channel(shape, i);
      double code = Math.rint(values[i] / (double) scaleOf(channel)) + zeroOf(channel);
      codes.setLong(i, (long) Math.clamp(code, least(), greatest()));
    }
    return codes;
  }

  /** Cuts numbers to those that codes stand for: what is beyond would be lost in rounding. */
  void keepWithin(float[] values, Shape shape) {
    for (int i = 0; i < shape.size(); i++) {
      int channel = channel(shape, i);
      float step = scaleOf(channel);
      float low = (float) ((least() - zeroOf(channel)) * step);
      float high = (float) ((greatest() - zeroOf(channel)) * step);
      values[i] = Math.clamp(values[i], low, high);
    }
  }

  /** How many of the codes stand for 0. */
  int zeros(Tensor codes) {
    int count = 0;
    for (int i = 0; i < codes.size(); i++) {
      count += codes.getLong(i) == zeroOf(channel(codes.shape(), i)) ? 1 : 0;
    }
    return count;
  }

  /** The grid with one more channel, like one that is there. */
  IntegerGrid repeated(int channel) {
    float[] scales = Arrays.copyOf(scale, scale.length + 1);
    scales[scale.length] = scale[channel];
    long[] zeros = Arrays.copyOf(zero, zero.length + 1);
    zeros[zero.length] = zero.length == 0 ? 0 : zero[Math.min(channel, zero.length - 1)];
    return new IntegerGrid(dtype, scales, zero.length == 0 ? zero : zeros, axis);
  }

  private double least() {
    return dtype.minValue();
  }

  private double greatest() {
    return dtype.maxValue();
  }

  private int channel(Shape shape, int element) {
    return scale.length == 1 ? 0 : element / shape.strides()[axis] % scale.length;
  }

  private float scaleOf(int channel) {
    return scale[channel];
  }

  private long zeroOf(int channel) {
    return zero.length == 0 ? 0 : zero[zero.length == 1 ? 0 : channel];
  }
}
