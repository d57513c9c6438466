package dev.tinytitan.kernel;

import dev.tinytitan.op.QuantizedOutput;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Requantizes exact integer sums, one multiplier for each column. Immutable. */
final class IntegerEpilogue implements Epilogue {
  private final IntegerOperations operations;
  private final float[] multipliers;
  private final float low;
  private final float high;
  private final float zeroPoint;

  /**
   * @param multipliers one for each column, not copied
   */
  IntegerEpilogue(IntegerOperations operations, float[] multipliers, QuantizedOutput output) {
    this.operations = operations;
    this.multipliers = multipliers;
    this.low = output.low() - output.zeroPoint();
    this.high = output.high() - output.zeroPoint();
    this.zeroPoint = output.zeroPoint();
  }

  /** One multiplier for each of {@code count} columns from {@code from} on, of one or of many. */
  static float[] multipliers(Tensor tensor, int from, int count) {
    float[] all = tensor.toFloatArray();
    if (all.length > 1) {
      return Arrays.copyOfRange(all, from, from + count);
    }
    float[] repeated = new float[count];
    Arrays.fill(repeated, all[0]);
    return repeated;
  }

  @Override
  public void apply(
      float[] y,
      int from,
      int stride,
      int rows,
      int column,
      int columns,
      float @Nullable [] residual,
      int residualFrom) {
    for (int row = 0; row < rows; row++) {
      operations.requantize(
          y, from + row * stride, multipliers, column, low, high, zeroPoint, columns);
    }
  }
}
