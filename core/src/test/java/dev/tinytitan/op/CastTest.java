package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CastTest {

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"STRING", "COMPLEX64", "COMPLEX128"})
  void oneIsOneInAllTypes(DType from) {
    Tensor one = Tensor.zeros(from, Shape.of(1));
    one.setLong(0, 1);
    for (DType to : DType.values()) {
      if (to.isFloat() || to.isInteger() || to == DType.BOOL) {
        assertThat(run(new Cast(to), one).getDouble(0)).as("%s to %s", from, to).isEqualTo(1);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-1.9, INT32, -1",
    "1.9, UINT8, 1",
    "300, UINT8, 44",
    "-1, UINT8, 255",
    "9, INT4, -7",
    "-9, UINT4, 7",
    "2, INT2, -2",
    "NaN, INT32, 0",
    "0.1, BOOL, 1",
    "NaN, BOOL, 1",
    "-0.0, BOOL, 0",
    "1e19, UINT64, -8446744073709551616"
  })
  void floatsAreCutToIntegers(double value, DType to, long expected) {
    assertThat(run(new Cast(to), Tensor.of(new double[] {value})).getLong(0)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "500, FLOAT8E4M3FN, true, 448",
    "500, FLOAT8E4M3FN, false, NaN",
    "Infinity, FLOAT8E5M2, true, 57344",
    "Infinity, FLOAT8E5M2, false, Infinity",
    "-1e6, FLOAT8E4M3FNUZ, true, -240",
    "-1e6, FLOAT8E5M2FNUZ, false, NaN",
    "9, FLOAT4E2M1, true, 6",
    "NaN, FLOAT4E2M1, true, -0.0",
    "1.1, FLOAT8E8M0, true, 2",
    "70000, FLOAT16, true, Infinity",
    "1.00390625, BFLOAT16, true, 1"
  })
  void narrowFloatsSaturateOrOverflow(float value, DType to, boolean saturate, float expected) {
    Tensor y = run(new Cast(to, saturate, "up"), Tensor.of(new float[] {value}));
    assertThat(y.toFloatArray()).containsExactly(expected);
  }

  @ParameterizedTest
  @CsvSource({"up, 1.1, 2", "down, 1.9, 1", "nearest, 1.4, 1", "nearest, 1.5, 2"})
  void powersOfTwoAreChosenByMode(String mode, float value, float expected) {
    Tensor y = run(new Cast(DType.FLOAT8E8M0, true, mode), Tensor.of(new float[] {value}));
    assertThat(y.getFloat(0)).isEqualTo(expected);
  }

  @Test
  void largeIntegersAreRoundedOnce() {
    long value = (1L << 62) + (1L << 38) + 1;
    assertThat(run(new Cast(DType.FLOAT32), Tensor.of(new long[] {value})).getFloat(0))
        .isEqualTo((float) value);
    Tensor unsigned = Tensor.over(DType.UINT64, Shape.of(1), new long[] {-1});
    assertThat(run(new Cast(DType.FLOAT32), unsigned).getFloat(0)).isEqualTo(0x1p64f);
  }
}
