package dev.tinytitan.codegen.standin;

import dev.tinytitan.op.QuantizedOutput;
import dev.tinytitan.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The parts of integer convolutions and products that have one value for each output channel, and
 * the loops that both share. Immutable.
 */
final class IntegerSum {
  private final @Nullable Tensor bias;
  private final @Nullable Tensor weightZeroPoints;
  private final Tensor multipliers;
  private final QuantizedOutput output;

  /**
   * @param multipliers one or one for each channel
   * @param bias int32, one for each channel; null for 0
   * @param weightZeroPoints one or one for each channel; null for 0
   */
  IntegerSum(
      Tensor multipliers,
      @Nullable Tensor bias,
      @Nullable Tensor weightZeroPoints,
      QuantizedOutput output) {
    this.multipliers = multipliers;
    this.bias = bias;
    this.weightZeroPoints = weightZeroPoints;
    this.output = output;
  }

  /** What the sums of a channel start from. */
  int start(int channel) {
    return bias == null ? 0 : bias.getInt(channel);
  }

  int weightZeroPoint(int channel) {
    return weightZeroPoints == null
        ? 0
        : weightZeroPoints.getInt(weightZeroPoints.size() == 1 ? 0 : channel);
  }

  /** Requantizes sums of one channel. */
  void finish(int channel, int[] sums, byte[] y, int to, int count) {
    float multiplier = multipliers.getFloat(multipliers.size() == 1 ? 0 : channel);
    for (int i = 0; i < count; i++) {
      y[to + i] = (byte) output.requantize(sums[i], multiplier);
    }
  }

  /** One number of 8 bits, less its zero point. */
  static int centered(byte value, boolean unsigned, int zeroPoint) {
    return (unsigned ? value & 0xff : value) - zeroPoint;
  }

  /** Numbers of 8 bits, less their zero point. */
  static void center(
      byte[] x, int from, boolean unsigned, int zeroPoint, int[] to, int at, int count) {
    for (int i = 0; i < count; i++) {
      to[at + i] = centered(x[from + i], unsigned, zeroPoint);
    }
  }
}
