package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.LANES;
import static dev.tinytitan.simd.FloatVectors.SPECIES;

import dev.tinytitan.kernel.Finish;
import dev.tinytitan.kernel.LineOperations;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.WindowGroup;
import dev.tinytitan.kernel.WindowOperations;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;

/** Depthwise convolution and pooling: one vector of channels, several positions at once. */
final class SimdWindowOperations implements WindowOperations, LineOperations {

  @Override
  public int lanes() {
    return LANES;
  }

  @Override
  public void depthwise(
      float[] x,
      int xOffset,
      WindowGroup group,
      float[] weights,
      float[] bias,
      Finish finish,
      float[] y,
      int yOffset,
      int from,
      int to,
      Scratch scratch) {
    int whole = SPECIES.loopBound(group.width());
    int position = from;
    while (position < to) {
      int last = Math.min(position + DepthwiseLoops.POSITIONS, to) - 1;
      // A single position is cheaper alone; two or more are repeated to fill a tile.
      if (last == position) {
        for (int channel = 0; channel < whole; channel += LANES) {
          DepthwiseLoops.position(
              x, xOffset, group, position, weights, bias, finish, channel, y, yOffset);
        }
      } else {
        for (int channel = 0; channel < whole; channel += LANES) {
          DepthwiseLoops.positions(
              x, xOffset, group, position, last, weights, bias, finish, channel, y, yOffset);
        }
      }
      if (whole < group.width()) {
        for (int i = position; i <= last; i++) {
          DepthwiseLoops.rest(x, xOffset, group, i, weights, bias, finish, whole, y, yOffset);
        }
      }
      position = last + 1;
    }
  }

  @Override
  public Optional<LineOperations> lines() {
    return Optional.of(this);
  }

  @Override
  public void depthwise3x3(
      float[] x,
      int xOffset,
      float[] padding,
      int lines,
      int columns,
      int channels,
      float[] weights,
      float[] bias,
      Finish finish,
      float[] y,
      int yOffset,
      int lineFrom,
      int lineTo) {
    for (int channel = 0; channel < channels; channel += LANES) {
      DepthwiseLoops.lines3x3(
          x,
          xOffset + channel,
          padding,
          lines,
          columns,
          channels,
          weights,
          bias,
          finish,
          channel,
          y,
          yOffset + channel,
          lineFrom,
          lineTo);
    }
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
