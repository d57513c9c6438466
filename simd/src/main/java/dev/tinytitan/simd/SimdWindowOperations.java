package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.LANES;
import static dev.tinytitan.simd.FloatVectors.SPECIES;

import dev.tinytitan.kernel.WindowOperations;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Depthwise convolution and pooling: one vector of channels, several positions at once. */
final class SimdWindowOperations implements WindowOperations {

  @Override
  public void depthwise(
      float[] x,
      int xOffset,
      int[] starts,
      int[] taps,
      float[] weights,
      float[] bias,
      float low,
      float high,
      int channels,
      float[] y,
      int yOffset,
      int from,
      int to) {
    int whole = SPECIES.loopBound(channels);
    for (int channel = 0; channel < whole; channel += LANES) {
      int position = from;
      for (; position + 8 <= to; position += 8) {
        depthwise8(
            x,
            xOffset + channel,
            starts,
            position,
            taps,
            weights,
            bias,
            low,
            high,
            channel,
            channels,
            y,
            yOffset + position * channels + channel);
      }
      for (; position < to; position++) {
        depthwise1(
            x,
            xOffset + channel + starts[position],
            taps,
            weights,
            bias,
            low,
            high,
            channel,
            channels,
            y,
            yOffset + position * channels + channel);
      }
    }
    if (whole < channels) {
      int position = from;
      for (; position + 4 <= to; position += 4) {
        depthwiseTail4(
            x,
            xOffset + whole,
            starts,
            position,
            taps,
            weights,
            bias,
            low,
            high,
            whole,
            channels,
            y,
            yOffset + position * channels + whole);
      }
      for (; position < to; position++) {
        depthwiseTail1(
            x,
            xOffset + whole + starts[position],
            taps,
            weights,
            bias,
            low,
            high,
            whole,
            channels,
            y,
            yOffset + position * channels + whole);
      }
    }
  }

  private static void depthwise8(
      float[] x,
      int xFrom,
      int[] starts,
      int position,
      int[] taps,
      float[] weights,
      float[] bias,
      float low,
      float high,
      int channel,
      int channels,
      float[] y,
      int yFrom) {
    FloatVector least = FloatVector.broadcast(SPECIES, low);
    FloatVector most = FloatVector.broadcast(SPECIES, high);
    int x0 = xFrom + starts[position];
    int x1 = xFrom + starts[position + 1];
    int x2 = xFrom + starts[position + 2];
    int x3 = xFrom + starts[position + 3];
    int x4 = xFrom + starts[position + 4];
    int x5 = xFrom + starts[position + 5];
    int x6 = xFrom + starts[position + 6];
    int x7 = xFrom + starts[position + 7];
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
      FloatVector w = FloatVector.fromArray(SPECIES, weights, tap * channels + channel);
      s0 = w.fma(FloatVector.fromArray(SPECIES, x, x0 + at), s0);
      s1 = w.fma(FloatVector.fromArray(SPECIES, x, x1 + at), s1);
      s2 = w.fma(FloatVector.fromArray(SPECIES, x, x2 + at), s2);
      s3 = w.fma(FloatVector.fromArray(SPECIES, x, x3 + at), s3);
      s4 = w.fma(FloatVector.fromArray(SPECIES, x, x4 + at), s4);
      s5 = w.fma(FloatVector.fromArray(SPECIES, x, x5 + at), s5);
      s6 = w.fma(FloatVector.fromArray(SPECIES, x, x6 + at), s6);
      s7 = w.fma(FloatVector.fromArray(SPECIES, x, x7 + at), s7);
    }
    s0.blend(least, s0.compare(VectorOperators.LT, least))
        .blend(most, s0.compare(VectorOperators.GT, most))
        .intoArray(y, yFrom);
    s1.blend(least, s1.compare(VectorOperators.LT, least))
        .blend(most, s1.compare(VectorOperators.GT, most))
        .intoArray(y, yFrom + channels);
    s2.blend(least, s2.compare(VectorOperators.LT, least))
        .blend(most, s2.compare(VectorOperators.GT, most))
        .intoArray(y, yFrom + 2 * channels);
    s3.blend(least, s3.compare(VectorOperators.LT, least))
        .blend(most, s3.compare(VectorOperators.GT, most))
        .intoArray(y, yFrom + 3 * channels);
    s4.blend(least, s4.compare(VectorOperators.LT, least))
        .blend(most, s4.compare(VectorOperators.GT, most))
        .intoArray(y, yFrom + 4 * channels);
    s5.blend(least, s5.compare(VectorOperators.LT, least))
        .blend(most, s5.compare(VectorOperators.GT, most))
        .intoArray(y, yFrom + 5 * channels);
    s6.blend(least, s6.compare(VectorOperators.LT, least))
        .blend(most, s6.compare(VectorOperators.GT, most))
        .intoArray(y, yFrom + 6 * channels);
    s7.blend(least, s7.compare(VectorOperators.LT, least))
        .blend(most, s7.compare(VectorOperators.GT, most))
        .intoArray(y, yFrom + 7 * channels);
  }

  private static void depthwise1(
      float[] x,
      int xFrom,
      int[] taps,
      float[] weights,
      float[] bias,
      float low,
      float high,
      int channel,
      int channels,
      float[] y,
      int yFrom) {
    FloatVector least = FloatVector.broadcast(SPECIES, low);
    FloatVector most = FloatVector.broadcast(SPECIES, high);
    FloatVector sum = FloatVector.fromArray(SPECIES, bias, channel);
    for (int tap = 0; tap < taps.length; tap++) {
      FloatVector w = FloatVector.fromArray(SPECIES, weights, tap * channels + channel);
      sum = w.fma(FloatVector.fromArray(SPECIES, x, xFrom + taps[tap]), sum);
    }
    sum.blend(least, sum.compare(VectorOperators.LT, least))
        .blend(most, sum.compare(VectorOperators.GT, most))
        .intoArray(y, yFrom);
  }

  private static void depthwiseTail4(
      float[] x,
      int xFrom,
      int[] starts,
      int position,
      int[] taps,
      float[] weights,
      float[] bias,
      float low,
      float high,
      int channel,
      int channels,
      float[] y,
      int yFrom) {
    FloatVector least = FloatVector.broadcast(SPECIES, low);
    FloatVector most = FloatVector.broadcast(SPECIES, high);
    VectorMask<Float> mask = SPECIES.indexInRange(channel, channels);
    int x0 = xFrom + starts[position];
    int x1 = xFrom + starts[position + 1];
    int x2 = xFrom + starts[position + 2];
    int x3 = xFrom + starts[position + 3];
    FloatVector s0 = FloatVector.fromArray(SPECIES, bias, channel, mask);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int tap = 0; tap < taps.length; tap++) {
      int at = taps[tap];
      FloatVector w = FloatVector.fromArray(SPECIES, weights, tap * channels + channel, mask);
      s0 = w.fma(FloatVector.fromArray(SPECIES, x, x0 + at, mask), s0);
      s1 = w.fma(FloatVector.fromArray(SPECIES, x, x1 + at, mask), s1);
      s2 = w.fma(FloatVector.fromArray(SPECIES, x, x2 + at, mask), s2);
      s3 = w.fma(FloatVector.fromArray(SPECIES, x, x3 + at, mask), s3);
    }
    s0.blend(least, s0.compare(VectorOperators.LT, least))
        .blend(most, s0.compare(VectorOperators.GT, most))
        .intoArray(y, yFrom, mask);
    s1.blend(least, s1.compare(VectorOperators.LT, least))
        .blend(most, s1.compare(VectorOperators.GT, most))
        .intoArray(y, yFrom + channels, mask);
    s2.blend(least, s2.compare(VectorOperators.LT, least))
        .blend(most, s2.compare(VectorOperators.GT, most))
        .intoArray(y, yFrom + 2 * channels, mask);
    s3.blend(least, s3.compare(VectorOperators.LT, least))
        .blend(most, s3.compare(VectorOperators.GT, most))
        .intoArray(y, yFrom + 3 * channels, mask);
  }

  private static void depthwiseTail1(
      float[] x,
      int xFrom,
      int[] taps,
      float[] weights,
      float[] bias,
      float low,
      float high,
      int channel,
      int channels,
      float[] y,
      int yFrom) {
    FloatVector least = FloatVector.broadcast(SPECIES, low);
    FloatVector most = FloatVector.broadcast(SPECIES, high);
    VectorMask<Float> mask = SPECIES.indexInRange(channel, channels);
    FloatVector sum = FloatVector.fromArray(SPECIES, bias, channel, mask);
    for (int tap = 0; tap < taps.length; tap++) {
      FloatVector w = FloatVector.fromArray(SPECIES, weights, tap * channels + channel, mask);
      sum = w.fma(FloatVector.fromArray(SPECIES, x, xFrom + taps[tap], mask), sum);
    }
    sum.blend(least, sum.compare(VectorOperators.LT, least))
        .blend(most, sum.compare(VectorOperators.GT, most))
        .intoArray(y, yFrom, mask);
  }

  @Override
  public void maximum(
      float[] x,
      int xOffset,
      int[] starts,
      int[] taps,
      int channels,
      float[] y,
      int yOffset,
      int from,
      int to) {
    int whole = SPECIES.loopBound(channels);
    for (int position = from; position < to; position++) {
      int source = xOffset + starts[position];
      int target = yOffset + position * channels;
      for (int channel = 0; channel < whole; channel += LANES) {
        FloatVector max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        for (int tap : taps) {
          max = max.max(FloatVector.fromArray(SPECIES, x, source + tap + channel));
        }
        max.intoArray(y, target + channel);
      }
      for (int channel = whole; channel < channels; channel++) {
        float max = Float.NEGATIVE_INFINITY;
        for (int tap : taps) {
          max = Math.max(max, x[source + tap + channel]);
        }
        y[target + channel] = max;
      }
    }
  }

  @Override
  public void average(
      float[] x,
      int xOffset,
      int[] starts,
      int[] taps,
      float[] factors,
      int channels,
      float[] y,
      int yOffset,
      int from,
      int to) {
    int whole = SPECIES.loopBound(channels);
    for (int position = from; position < to; position++) {
      int source = xOffset + starts[position];
      int target = yOffset + position * channels;
      float factor = factors[position];
      for (int channel = 0; channel < whole; channel += LANES) {
        averageChannels(x, source + channel, taps, factor, y, target + channel);
      }
      for (int channel = whole; channel < channels; channel++) {
        float sum = 0;
        for (int tap : taps) {
          sum += x[source + tap + channel];
        }
        y[target + channel] = sum * factor;
      }
    }
  }

  private static void averageChannels(
      float[] x, int from, int[] taps, float factor, float[] y, int to) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int bound = taps.length & -4;
    for (int tap = 0; tap < bound; tap += 4) {
      s0 = s0.add(FloatVector.fromArray(SPECIES, x, from + taps[tap]));
      s1 = s1.add(FloatVector.fromArray(SPECIES, x, from + taps[tap + 1]));
      s2 = s2.add(FloatVector.fromArray(SPECIES, x, from + taps[tap + 2]));
      s3 = s3.add(FloatVector.fromArray(SPECIES, x, from + taps[tap + 3]));
    }
    for (int tap = bound; tap < taps.length; tap++) {
      s0 = s0.add(FloatVector.fromArray(SPECIES, x, from + taps[tap]));
    }
    s0.add(s1).add(s2.add(s3)).mul(factor).intoArray(y, to);
  }
}
