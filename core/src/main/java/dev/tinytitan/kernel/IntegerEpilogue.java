package dev.tinytitan.kernel;

import dev.tinytitan.op.QuantizedOutput;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Requantizes exact integer sums, one multiplier for each column. Immutable. */
final class IntegerEpilogue implements Epilogue {
  private final VectorOperations operations;
  private final float @Nullable [] offsets;
  private final float[] multipliers;
  private final float low;
  private final float high;
  private final float zeroPoint;

  /**
   * @param offsets what is added to the sums first, one for each column; null if nothing
   * @param multipliers one for each column, not copied
   */
  IntegerEpilogue(
      VectorOperations operations,
      float @Nullable [] offsets,
      float[] multipliers,
      QuantizedOutput output) {
    this.operations = operations;
    this.offsets = offsets;
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
  public Optional<Finish> finish(int columns) {
    return offsets == null
        ? Optional.of(Finish.requantize(multipliers, low, high, zeroPoint))
        : Optional.empty();
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
    operations
        .integers()
        .requantize(
            y, from, stride, rows, offsets, multipliers, column, low, high, zeroPoint, columns);
  }
}
