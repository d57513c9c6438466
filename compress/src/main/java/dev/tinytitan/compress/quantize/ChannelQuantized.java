package dev.tinytitan.compress.quantize;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Weights in 8, 4, 3 or 2 bits with one scale for each output channel and no zero point. In 8 bits
 * the largest weight of a channel decides its scale; in fewer, the scale is sought that makes the
 * squared error least, for there a rare large weight would leave too few levels for all others.
 *
 * @param values int8 (-127 to 127), int4 or int2, the weights' shape; 3 bits are stored in int4
 * @param scales float32, one for each index of the axis
 * @param axis that of the output channels
 * @param bits how many of the stored bits are used
 */
record ChannelQuantized(Tensor values, Tensor scales, int axis, int bits) implements GridWeights {
  private static final int CANDIDATES = 60;

  /** The least share of the largest weight that the search lets the range end at. */
  private static final float SHORTEST = 0.25f;

  /** In 8 bits with any scale. */
  static ChannelQuantized quantize(Tensor weights, int axis) {
    return quantize(weights, axis, 8, null);
  }

  /** In 8 bits. */
  static ChannelQuantized quantize(Tensor weights, int axis, float[] leastScales) {
    return quantize(weights, axis).atLeast(leastScales, weights);
  }

  /**
   * Quantizes weights to the nearest levels.
   *
   * @param axis that of the output channels; not negative
   * @param bits 8, 4, 3 or 2
   * @param importance how much a squared error counts, for each channel in the order of its
   *     weights; null for equally. Not looked at in 8 bits
   */
  static ChannelQuantized quantize(
      Tensor weights, int axis, int bits, double @Nullable [][] importance) {
    Shape shape = weights.shape();
    float[] source = weights.toFloatArray();
    int channels = shape.dim(axis);
    int inner = shape.sizeBetween(axis + 1, shape.rank());
    float[][] rows = new float[channels][channels == 0 ? 0 : source.length / channels];
    int[] filled = new int[channels];
    for (int i = 0; i < source.length; i++) {
      int channel = i / inner % channels;
      rows[channel][filled[channel]++] = source[i];
    }
    float[] scales = new float[channels];
    for (int channel = 0; channel < channels; channel++) {
      scales[channel] = scale(rows[channel], bits, importance == null ? null : importance[channel]);
    }
    return nearest(source, shape, scales, axis, bits);
  }

  /**
   * Other weights, each to the nearest level of other steps.
   *
   * @param scales one for each index of the axis
   */
  ChannelQuantized nearest(Tensor weights, float[] scales) {
    return nearest(weights.toFloatArray(), weights.shape(), scales, axis, bits);
  }

  private static ChannelQuantized nearest(
      float[] source, Shape shape, float[] scales, int axis, int bits) {
    int inner = shape.sizeBetween(axis + 1, shape.rank());
    int[] levels = new int[source.length];
    for (int i = 0; i < source.length; i++) {
      levels[i] = level(source[i], scales[i / inner % scales.length], bits);
    }
    return new ChannelQuantized(
        StoredWeights.pack(levels, dtype(bits), shape), Tensor.of(scales), axis, bits);
  }

  private static DType dtype(int bits) {
    return bits == 8 ? DType.INT8 : bits == 2 ? DType.INT2 : DType.INT4;
  }

  private static int lowest(int bits) {
    // The step below -127 stays unused, so that a weight and its negative are stored alike.
    return bits == 8 ? -127 : -(1 << (bits - 1));
  }

  private static int highest(int bits) {
    return (1 << (bits - 1)) - 1;
  }

  private static int level(float weight, float scale, int bits) {
    return (int) Math.clamp(Math.rint(weight / scale), lowest(bits), highest(bits));
  }

  private static float scale(float[] row, int bits, double @Nullable [] importance) {
    float low = 0;
    float high = 0;
    for (float weight : row) {
      low = Math.min(low, weight);
      high = Math.max(high, weight);
    }
    float widest = Math.max(low / lowest(bits), high / highest(bits));
    if (widest < Float.MIN_NORMAL) {
      return 1;
    }
    if (bits == 8) {
      return Math.max(-low, high) / highest(bits);
    }
    float best = widest;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < CANDIDATES; i++) {
      float scale = widest * (1 - (1 - SHORTEST) * i / CANDIDATES);
      double error = 0;
      for (int j = 0; j < row.length; j++) {
        double difference = level(row[j], scale, bits) * scale - row[j];
        error += (importance == null ? 1 : importance[j]) * difference * difference;
      }
      if (error < least) {
        least = error;
        best = scale;
      }
    }
    return best;
  }

  /**
   * The same with no scale below a limit; channels that have to change are rounded to the nearest
   * levels anew. A channel of zeros takes the limit itself, for biases are in steps of it.
   *
   * @param leastScales for each channel; 0 if any will do
   * @param weights in float32
   */
  ChannelQuantized atLeast(float[] leastScales, Tensor weights) {
    float[] other = scales.toFloatArray();
    boolean[] dead = new boolean[other.length];
    Arrays.fill(dead, true);
    int[] levels = values.toIntArray();
    for (int i = 0; i < levels.length; i++) {
      dead[scaleIndex(i)] &= levels[i] == 0;
    }
    for (int channel = 0; channel < other.length; channel++) {
      if (dead[channel] && leastScales[channel] >= Float.MIN_NORMAL) {
        other[channel] = leastScales[channel];
      }
      other[channel] = Math.max(other[channel], leastScales[channel]);
    }
    for (int i = 0; i < levels.length; i++) {
      int channel = scaleIndex(i);
      if (other[channel] > scales.getFloat(channel)) {
        levels[i] = level(weights.getFloat(i), other[channel], bits);
      }
    }
    return Arrays.equals(other, scales.toFloatArray())
        ? this
        : withScales(other).withLevels(levels);
  }

  /** The same levels of other steps. */
  ChannelQuantized withScales(float[] other) {
    return new ChannelQuantized(values, Tensor.of(other), axis, bits);
  }

  /** The transposed matrix. */
  ChannelQuantized transposed() {
    int rows = values.shape().dim(0);
    int columns = values.shape().dim(1);
    int[] levels = new int[values.size()];
    for (int i = 0; i < levels.length; i++) {
      levels[i % columns * rows + i / columns] = values.getInt(i);
    }
    return new ChannelQuantized(
        StoredWeights.pack(levels, values.dtype(), Shape.of(columns, rows)),
        scales,
        1 - axis,
        bits);
  }

  @Override
  public int scaleIndex(int element) {
    Shape shape = values.shape();
    return element / shape.sizeBetween(axis + 1, shape.rank()) % shape.dim(axis);
  }

  @Override
  public int zeroPoint(int scaleIndex) {
    return 0;
  }

  @Override
  public int lowest() {
    return lowest(bits);
  }

  @Override
  public int highest() {
    return highest(bits);
  }

  @Override
  public ChannelQuantized withLevels(int[] levels) {
    return new ChannelQuantized(
        StoredWeights.pack(levels, values.dtype(), values.shape()), scales, axis, bits);
  }
}
