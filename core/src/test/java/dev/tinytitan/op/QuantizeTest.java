package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.run;
import static dev.tinytitan.op.RunOperator.runAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizeTest {
  private static final Tensor HALF = Tensor.scalar(0.5f);

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"INT2", "UINT2", "INT4", "UINT4", "INT8", "UINT8", "INT16", "UINT16"})
  void saturatesAtTheEndsOfTheType(DType dtype) {
    Tensor x =
        Tensor.of(new float[] {Float.NEGATIVE_INFINITY, -1e9f, 0, 1e9f, Float.POSITIVE_INFINITY});
    Tensor q = run(new QuantizeLinear(1), x, HALF, Tensor.zeros(dtype, Shape.scalar()));
    assertThat(q.dtype()).isEqualTo(dtype);
    assertThat(q.toLongArray())
        .containsExactly(dtype.minValue(), dtype.minValue(), 0, dtype.maxValue(), dtype.maxValue());
  }

  @Test
  void halvesGoToEvenBeforeTheZeroPointIsAdded() {
    Tensor x = Tensor.of(new float[] {0.25f, 0.75f, -0.25f, Float.NaN});
    Tensor zeroPoint = Tensor.of(new byte[] {1});
    assertThat(run(new QuantizeLinear(1), x, HALF, zeroPoint).toIntArray())
        .containsExactly(1, 3, 1, -128);
    assertThat(run(new QuantizeLinear(1), x, HALF).dtype()).isEqualTo(DType.UINT8);
  }

  @Test
  void eachIndexAlongTheAxisHasItsScale() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor scales = Tensor.of(new float[] {1, 0.5f});
    Tensor zeroPoints = Tensor.of(new byte[] {0, 10});
    assertThat(run(new QuantizeLinear(1), x, scales, zeroPoints).toIntArray())
        .containsExactly(1, 14, 3, 18);
    Tensor q = run(new QuantizeLinear(0), x, scales, zeroPoints);
    assertThat(q.toIntArray()).containsExactly(1, 2, 16, 18);
    assertThat(run(new DequantizeLinear(0), q, scales, zeroPoints)).isEqualTo(x);
    assertThatThrownBy(() -> run(new QuantizeLinear(0), x, Tensor.of(new float[3])))
        .isInstanceOf(ShapeMismatchException.class)
        .hasMessageContaining("axis 0");
  }

  @Test
  void blocksShareScales() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    Tensor scales = Tensor.of(new float[] {1, 0.5f, 2, 0.25f}, 2, 2);
    QuantizeLinear quantize = new QuantizeLinear(1, 2, true, DType.INT16, null);
    Tensor q = run(quantize, x, scales);
    assertThat(q.dtype()).isEqualTo(DType.INT16);
    assertThat(q.toIntArray()).containsExactly(1, 2, 6, 2, 2, 24);
    assertThat(run(new DequantizeLinear(1, 2, null), q, scales).toFloatArray())
        .containsExactly(1, 2, 3, 4, 4, 6);
  }

  @Test
  void dequantizesInt32WithoutZeroPointAndFloat8() {
    assertThat(
            run(new DequantizeLinear(1), Tensor.of(new int[] {-3, 1000000}), HALF).toFloatArray())
        .containsExactly(-1.5f, 500000f);
    Tensor e5m2 = run(new Cast(DType.FLOAT8E5M2), Tensor.of(new float[] {-3, 0.5f}));
    assertThat(run(new DequantizeLinear(1, 0, DType.FLOAT16), e5m2, HALF).toFloatArray())
        .containsExactly(-1.5f, 0.25f);
  }

  @Test
  void quantizesToFloat8WithAndWithoutSaturation() {
    Tensor x = Tensor.of(new float[] {1, 1e6f});
    Tensor zero = Tensor.zeros(DType.FLOAT8E4M3FN, Shape.scalar());
    assertThat(run(new QuantizeLinear(1), x, HALF, zero).toFloatArray()).containsExactly(2, 448);
    assertThat(run(new QuantizeLinear(1, 0, false, null, null), x, HALF, zero).toFloatArray())
        .containsExactly(2, Float.NaN);
  }

  @Test
  void dynamicRangeHoldsZero() {
    List<Tensor> outputs =
        runAll(new DynamicQuantizeLinear(), 3, Tensor.of(new float[] {1, 2.55f}));
    assertThat(outputs.get(0).toIntArray()).containsExactly(100, 255);
    assertThat(outputs.get(1).getFloat(0)).isEqualTo(0.01f);
    assertThat(outputs.get(2).getInt(0)).isZero();
    assertThat(runAll(new DynamicQuantizeLinear(), 3, Tensor.of(new float[2])).get(1).getFloat(0))
        .isEqualTo(1);
  }
}
