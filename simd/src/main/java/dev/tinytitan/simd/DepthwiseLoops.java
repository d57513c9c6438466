package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.SPECIES;

import dev.tinytitan.kernel.Finish;
import dev.tinytitan.kernel.WindowGroup;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Depthwise convolution of one vector of channels. Reading the image limits it, not the arithmetic:
 * vectors of an array on the heap straddle two cache lines. So windows of 3×3 read each place once
 * for three results.
 *
 * <p>The finish is written out wherever it is used: past a size of the surrounding method, the
 * compiler inlines the methods of the Vector API, but no longer a helper of ours, and would box its
 * argument.
 */
final class DepthwiseLoops {
  /** Positions of a tile. */
  static final int POSITIONS = 8;

  private DepthwiseLoops() {}

  /** The positions {@code position..last} of a group; those missing to a tile repeat the last. */
  static void positions(
      float[] x,
      int xOffset,
      WindowGroup group,
      int position,
      int last,
      float[] weights,
      float[] bias,
      Finish finish,
      int channel,
      float[] y,
      int yOffset) {
    int[] starts = group.starts();
    int[] targets = group.targets();
    int[] taps = group.taps();
    int[] rows = group.weightRows();
    int width = group.width();
    int xFrom = xOffset + channel;
    int x0 = xFrom + starts[position];
    int x1 = xFrom + starts[Math.min(position + 1, last)];
    int x2 = xFrom + starts[Math.min(position + 2, last)];
    int x3 = xFrom + starts[Math.min(position + 3, last)];
    int x4 = xFrom + starts[Math.min(position + 4, last)];
    int x5 = xFrom + starts[Math.min(position + 5, last)];
    int x6 = xFrom + starts[Math.min(position + 6, last)];
    int x7 = xFrom + starts[Math.min(position + 7, last)];
    FloatVector s0 = FloatVector.fromArray(SPECIES, bias, channel);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    FloatVector s5 = s0;
    FloatVector s6 = s0;
    FloatVector s7 = s0;
    for (int tap = 0; tap < taps.length; tap++) {
      int at = taps[tap];
      FloatVector w = FloatVector.fromArray(SPECIES, weights, rows[tap] * width + channel);
      s0 = w.fma(FloatVector.fromArray(SPECIES, x, x0 + at), s0);
      s1 = w.fma(FloatVector.fromArray(SPECIES, x, x1 + at), s1);
      s2 = w.fma(FloatVector.fromArray(SPECIES, x, x2 + at), s2);
      s3 = w.fma(FloatVector.fromArray(SPECIES, x, x3 + at), s3);
      s4 = w.fma(FloatVector.fromArray(SPECIES, x, x4 + at), s4);
      s5 = w.fma(FloatVector.fromArray(SPECIES, x, x5 + at), s5);
      s6 = w.fma(FloatVector.fromArray(SPECIES, x, x6 + at), s6);
      s7 = w.fma(FloatVector.fromArray(SPECIES, x, x7 + at), s7);
    }
    FloatVector factor = FloatVector.fromArray(SPECIES, finish.factors(), channel);
    FloatVector low = FloatVector.broadcast(SPECIES, finish.low());
    FloatVector high = FloatVector.broadcast(SPECIES, finish.high());
    float up = finish.rounding();
    float down = finish.unrounding();
    int yFrom = yOffset + channel;
    s0 = s0.mul(factor);
    s0 = s0.blend(low, s0.compare(VectorOperators.LT, low));
    s0 = s0.blend(high, s0.compare(VectorOperators.GT, high));
    s0.add(up).sub(down).intoArray(y, yFrom + targets[position]);
    s1 = s1.mul(factor);
    s1 = s1.blend(low, s1.compare(VectorOperators.LT, low));
    s1 = s1.blend(high, s1.compare(VectorOperators.GT, high));
    s1.add(up).sub(down).intoArray(y, yFrom + targets[Math.min(position + 1, last)]);
    s2 = s2.mul(factor);
    s2 = s2.blend(low, s2.compare(VectorOperators.LT, low));
    s2 = s2.blend(high, s2.compare(VectorOperators.GT, high));
    s2.add(up).sub(down).intoArray(y, yFrom + targets[Math.min(position + 2, last)]);
    s3 = s3.mul(factor);
    s3 = s3.blend(low, s3.compare(VectorOperators.LT, low));
    s3 = s3.blend(high, s3.compare(VectorOperators.GT, high));
    s3.add(up).sub(down).intoArray(y, yFrom + targets[Math.min(position + 3, last)]);
    s4 = s4.mul(factor);
    s4 = s4.blend(low, s4.compare(VectorOperators.LT, low));
    s4 = s4.blend(high, s4.compare(VectorOperators.GT, high));
    s4.add(up).sub(down).intoArray(y, yFrom + targets[Math.min(position + 4, last)]);
    s5 = s5.mul(factor);
    s5 = s5.blend(low, s5.compare(VectorOperators.LT, low));
    s5 = s5.blend(high, s5.compare(VectorOperators.GT, high));
    s5.add(up).sub(down).intoArray(y, yFrom + targets[Math.min(position + 5, last)]);
    s6 = s6.mul(factor);
    s6 = s6.blend(low, s6.compare(VectorOperators.LT, low));
    s6 = s6.blend(high, s6.compare(VectorOperators.GT, high));
    s6.add(up).sub(down).intoArray(y, yFrom + targets[Math.min(position + 6, last)]);
    s7 = s7.mul(factor);
    s7 = s7.blend(low, s7.compare(VectorOperators.LT, low));
    s7 = s7.blend(high, s7.compare(VectorOperators.GT, high));
    s7.add(up).sub(down).intoArray(y, yFrom + targets[Math.min(position + 7, last)]);
  }

  /** One position. */
  static void position(
      float[] x,
      int xOffset,
      WindowGroup group,
      int position,
      float[] weights,
      float[] bias,
      Finish finish,
      int channel,
      float[] y,
      int yOffset) {
    int xFrom = xOffset + channel + group.starts()[position];
    int[] taps = group.taps();
    int[] rows = group.weightRows();
    int width = group.width();
    FloatVector sum = FloatVector.fromArray(SPECIES, bias, channel);
    for (int tap = 0; tap < taps.length; tap++) {
      int row = rows[tap] * width + channel;
      FloatVector w = FloatVector.fromArray(SPECIES, weights, row);
      sum = w.fma(FloatVector.fromArray(SPECIES, x, xFrom + taps[tap]), sum);
    }
    FloatVector factor = FloatVector.fromArray(SPECIES, finish.factors(), channel);
    FloatVector low = FloatVector.broadcast(SPECIES, finish.low());
    FloatVector high = FloatVector.broadcast(SPECIES, finish.high());
    float up = finish.rounding();
    float down = finish.unrounding();
    int to = yOffset + channel + group.targets()[position];
    sum = sum.mul(factor);
    sum = sum.blend(low, sum.compare(VectorOperators.LT, low));
    sum = sum.blend(high, sum.compare(VectorOperators.GT, high));
    sum.add(up).sub(down).intoArray(y, to);
  }

  /** One position, channels that are less than a vector. */
  static void rest(
      float[] x,
      int xOffset,
      WindowGroup group,
      int position,
      float[] weights,
      float[] bias,
      Finish finish,
      int channel,
      float[] y,
      int yOffset) {
    int xFrom = xOffset + channel + group.starts()[position];
    int[] taps = group.taps();
    int[] rows = group.weightRows();
    int width = group.width();
    VectorMask<Float> mask = SPECIES.indexInRange(channel, width);
    FloatVector sum = FloatVector.fromArray(SPECIES, bias, channel, mask);
    for (int tap = 0; tap < taps.length; tap++) {
      int row = rows[tap] * width + channel;
      FloatVector w = FloatVector.fromArray(SPECIES, weights, row, mask);
      sum = w.fma(FloatVector.fromArray(SPECIES, x, xFrom + taps[tap], mask), sum);
    }
    FloatVector factor = FloatVector.fromArray(SPECIES, finish.factors(), channel, mask);
    FloatVector low = FloatVector.broadcast(SPECIES, finish.low());
    FloatVector high = FloatVector.broadcast(SPECIES, finish.high());
    float up = finish.rounding();
    float down = finish.unrounding();
    int to = yOffset + channel + group.targets()[position];
    sum = sum.mul(factor);
    sum = sum.blend(low, sum.compare(VectorOperators.LT, low));
    sum = sum.blend(high, sum.compare(VectorOperators.GT, high));
    sum.add(up).sub(down).intoArray(y, to, mask);
  }

  /**
   * Lines of an image under windows of 3×3, one place of padding all around. Each column of three
   * places is read once and adds to the results on its left, in the middle and on its right.
   *
   * @param x the image, from the vector's first channel in {@code xFrom} on
   */
  static void lines3x3(
      float[] x,
      int xFrom,
      float[] padding,
      int lines,
      int columns,
      int channels,
      float[] weights,
      float[] bias,
      Finish finish,
      int channel,
      float[] y,
      int yFrom,
      int lineFrom,
      int lineTo) {
    FloatVector w00 = FloatVector.fromArray(SPECIES, weights, channel);
    FloatVector w01 = FloatVector.fromArray(SPECIES, weights, channels + channel);
    FloatVector w02 = FloatVector.fromArray(SPECIES, weights, 2 * channels + channel);
    FloatVector w10 = FloatVector.fromArray(SPECIES, weights, 3 * channels + channel);
    FloatVector w11 = FloatVector.fromArray(SPECIES, weights, 4 * channels + channel);
    FloatVector w12 = FloatVector.fromArray(SPECIES, weights, 5 * channels + channel);
    FloatVector w20 = FloatVector.fromArray(SPECIES, weights, 6 * channels + channel);
    FloatVector w21 = FloatVector.fromArray(SPECIES, weights, 7 * channels + channel);
    FloatVector w22 = FloatVector.fromArray(SPECIES, weights, 8 * channels + channel);
    FloatVector start = FloatVector.fromArray(SPECIES, bias, channel);
    FloatVector outside = FloatVector.fromArray(SPECIES, padding, 0);
    FloatVector left = outside.fma(w00, outside.fma(w10, outside.fma(w20, start)));
    FloatVector right = outside.mul(w02).add(outside.mul(w12)).add(outside.mul(w22));
    FloatVector factor = FloatVector.fromArray(SPECIES, finish.factors(), channel);
    FloatVector low = FloatVector.broadcast(SPECIES, finish.low());
    FloatVector high = FloatVector.broadcast(SPECIES, finish.high());
    FloatVector up = FloatVector.broadcast(SPECIES, finish.rounding());
    FloatVector down = FloatVector.broadcast(SPECIES, finish.unrounding());
    int length = columns * channels;
    for (int line = lineFrom; line < lineTo; line++) {
      float[] above = line == 0 ? padding : x;
      float[] below = line == lines - 1 ? padding : x;
      int middle = xFrom + line * length;
      int aboveFrom = line == 0 ? channel : middle - length;
      int belowFrom = line == lines - 1 ? channel : middle + length;
      int to = yFrom + line * length;
      FloatVector a = FloatVector.fromArray(SPECIES, above, aboveFrom);
      FloatVector b = FloatVector.fromArray(SPECIES, x, middle);
      FloatVector c = FloatVector.fromArray(SPECIES, below, belowFrom);
      FloatVector here = a.fma(w01, b.fma(w11, c.fma(w21, left)));
      FloatVector next = a.fma(w00, b.fma(w10, c.fma(w20, start)));
      for (int at = channels; at < length; at += channels) {
        a = FloatVector.fromArray(SPECIES, above, aboveFrom + at);
        b = FloatVector.fromArray(SPECIES, x, middle + at);
        c = FloatVector.fromArray(SPECIES, below, belowFrom + at);
        FloatVector done = a.fma(w02, b.fma(w12, c.fma(w22, here)));
        here = a.fma(w01, b.fma(w11, c.fma(w21, next)));
        next = a.fma(w00, b.fma(w10, c.fma(w20, start)));
        done = done.mul(factor);
        done = done.blend(low, done.compare(VectorOperators.LT, low));
        done = done.blend(high, done.compare(VectorOperators.GT, high));
        done.add(up).sub(down).intoArray(y, to + at - channels);
      }
      FloatVector done = here.add(right).mul(factor);
      done = done.blend(low, done.compare(VectorOperators.LT, low));
      done = done.blend(high, done.compare(VectorOperators.GT, high));
      done.add(up).sub(down).intoArray(y, to + length - channels);
    }
  }
}
