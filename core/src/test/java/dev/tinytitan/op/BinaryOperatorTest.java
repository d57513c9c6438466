package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.infer;
import static dev.tinytitan.op.RunOperator.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinaryOperatorTest {
  private static Tensor of(DType dtype, long... values) {
    Tensor tensor = Tensor.zeros(dtype, Shape.of(values.length));
    for (int i = 0; i < values.length; i++) {
      tensor.setLong(i, values[i]);
    }
    return tensor;
  }

  private static long[] onPairs(Operator operator, DType dtype, long[] a, long[] b) {
    return run(operator, of(dtype, a), of(dtype, b)).toLongArray();
  }

  private static long[] longs(long... values) {
    return values;
  }

  @Test
  void broadcastsBothWays() {
    Tensor column = Tensor.of(new float[] {1, 2}, 2, 1);
    Tensor row = Tensor.of(new float[] {10, 20, 30}, 3);
    Tensor y = run(new Sub(), column, row);
    assertThat(y.shape()).isEqualTo(Shape.of(2, 3));
    assertThat(y.toFloatArray()).containsExactly(-9, -19, -29, -8, -18, -28);
  }

  @Test
  void sizeOneBroadcastsToZero() {
    Tensor none = Tensor.zeros(DType.FLOAT32, Shape.of(2, 0));
    assertThat(run(new Mul(), none, Tensor.of(new float[] {5}, 1)).shape())
        .isEqualTo(Shape.of(2, 0));
  }

  @Test
  void shapesThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> run(new Add(), Tensor.of(new float[2]), Tensor.of(new float[3])))
        .isInstanceOf(ShapeMismatchException.class)
        .hasMessageContaining("[2]")
        .hasMessageContaining("[3]");
  }

  @ParameterizedTest
  @CsvSource({
    "INT8, 7, 2, 3",
    "INT8, -7, 2, -3",
    "INT8, -128, -1, -128",
    "INT32, 5, 0, 0",
    "UINT8, 250, 3, 83",
    "UINT64, -1, 2, 9223372036854775807",
    "INT64, -9223372036854775808, -1, -9223372036854775808"
  })
  void integersAreDividedTowardsZero(DType dtype, long a, long b, long expected) {
    assertThat(onPairs(new Div(), dtype, longs(a), longs(b))).containsExactly(expected);
  }

  @Test
  void integerArithmeticWraps() {
    assertThat(onPairs(new Add(), DType.INT8, longs(127), longs(1))).containsExactly(-128);
    assertThat(onPairs(new Sub(), DType.UINT16, longs(0), longs(1))).containsExactly(65535);
    assertThat(onPairs(new Mul(), DType.INT32, longs(1 << 20), longs(1 << 12))).containsExactly(0);
  }

  @ParameterizedTest
  @CsvSource({
    "false, -7, 3, 2",
    "false, 7, -3, -2",
    "true, -7, 3, -1",
    "true, 7, -3, 1",
    "false, 6, -3, 0",
    "false, 6, 0, 0"
  })
  void moduloTakesTheSignOfOneOfThem(boolean fmod, long a, long b, long expected) {
    assertThat(onPairs(new Mod(fmod), DType.INT64, longs(a), longs(b))).containsExactly(expected);
    if (b != 0) {
      assertThat(new Mod(fmod).apply((double) a, (double) b)).isEqualTo((double) expected);
    }
  }

  @Test
  void moduloOfUnsignedAndOfFractions() {
    assertThat(onPairs(new Mod(false), DType.UINT64, longs(-1), longs(10))).containsExactly(5);
    assertThat(new Mod(true).apply(-4.3f, 2.1f)).isEqualTo(-4.3f % 2.1f);
    assertThat(new Mod(true).apply(1f, 0f)).isNaN();
  }

  @ParameterizedTest
  @CsvSource({
    "2, 10, 1024",
    "-3, 3, -27",
    "7, 0, 1",
    "0, 0, 1",
    "2, -1, 0",
    "-1, -3, -1",
    "-1, -4, 1",
    "3, 41, -420491770248316829"
  })
  void integerPowersAreExactAndWrap(long base, long exponent, long expected) {
    assertThat(onPairs(new Pow(), DType.INT64, longs(base), longs(exponent)))
        .containsExactly(expected);
  }

  @Test
  void powerKeepsTheTypeOfTheBase() {
    Tensor y = run(new Pow(), of(DType.INT32, 2, 9), Tensor.of(new float[] {0.5f, 0.5f}));
    assertThat(y).isEqualTo(Tensor.of(new int[] {1, 3}));
    Tensor root = run(new Pow(), Tensor.of(new float[] {-8}), Tensor.of(new float[] {1 / 3f}));
    assertThat(root.getFloat(0)).isNaN();
  }

  @ParameterizedTest
  @CsvSource({
    "true, UINT8, 255, 1, 254", "false, UINT8, 255, 1, 127", "true, UINT16, 1, 16, 0",
    "false, UINT64, -1, 63, 1", "false, UINT64, -1, 64, 0", "true, UINT64, 1, 64, 0"
  })
  void shiftsDropBits(boolean left, DType dtype, long a, long b, long expected) {
    assertThat(onPairs(new BitShift(left), dtype, longs(a), longs(b))).containsExactly(expected);
  }

  @Test
  void logicAndBits() {
    long[] a = {0, 0, 1, 1};
    long[] b = {0, 1, 0, 1};
    assertThat(onPairs(new And(), DType.BOOL, a, b)).containsExactly(0, 0, 0, 1);
    assertThat(onPairs(new Or(), DType.BOOL, a, b)).containsExactly(0, 1, 1, 1);
    assertThat(onPairs(new Xor(), DType.BOOL, a, b)).containsExactly(0, 1, 1, 0);
    assertThat(onPairs(new BitwiseAnd(), DType.INT8, longs(-1), longs(12))).containsExactly(12);
    assertThat(onPairs(new BitwiseOr(), DType.UINT8, longs(129), longs(2))).containsExactly(131);
    assertThat(onPairs(new BitwiseXor(), DType.INT8, longs(-1), longs(1))).containsExactly(-2);
  }

  @Test
  void comparisonsKnowNaNAndUnsigned() {
    Tensor nan = Tensor.of(new float[] {Float.NaN, 0f});
    Tensor zero = Tensor.of(new float[] {0f, -0f});
    assertThat(run(new Equal(), nan, zero).toIntArray()).containsExactly(0, 1);
    assertThat(run(new Less(), nan, zero).toIntArray()).containsExactly(0, 0);
    assertThat(run(new GreaterOrEqual(), nan, zero).toIntArray()).containsExactly(0, 1);
    assertThat(onPairs(new Greater(), DType.UINT64, longs(-1, 1), longs(1, 1)))
        .containsExactly(1, 0);
    assertThat(onPairs(new LessOrEqual(), DType.INT64, longs(-1, 1), longs(1, 1)))
        .containsExactly(1, 1);
    // Beyond 2^53, where doubles would be equal.
    assertThat(onPairs(new Equal(), DType.INT64, longs((1L << 53) + 1), longs(1L << 53)))
        .containsExactly(0);
  }

  @Test
  void variadicOperatorsFoldAllInputs() {
    Tensor a = Tensor.of(new float[] {1, 5}, 2, 1);
    Tensor b = Tensor.of(new float[] {3, Float.NaN});
    Tensor c = Tensor.scalar(2f);
    assertThat(run(new Max(), a, b, c).toFloatArray()).containsExactly(3, Float.NaN, 5, Float.NaN);
    assertThat(run(new Min(), a, b, c).toFloatArray()).containsExactly(1, Float.NaN, 2, Float.NaN);
    assertThat(run(new Sum(), a, b, c).toFloatArray()).containsExactly(6, Float.NaN, 10, Float.NaN);
    assertThat(run(new Mean(), a, b, c).toFloatArray())
        .containsExactly(2, Float.NaN, 10 / 3f, Float.NaN);
    assertThat(run(new Max(), a)).isEqualTo(a);
    assertThat(onPairs(new Max(), DType.UINT64, longs(-1), longs(1))).containsExactly(-1);
    assertThat(onPairs(new Min(), DType.INT8, longs(-1), longs(1))).containsExactly(-1);
  }

  @Test
  void whereBroadcastsAllThree() {
    Tensor y =
        run(
            new Where(),
            Tensor.of(new boolean[] {true, false}, 2, 1),
            Tensor.of(new long[] {1, 2}),
            Tensor.scalar(9L));
    assertThat(y).isEqualTo(Tensor.of(new long[] {1, 2, 9, 9}, 2, 2));
  }

  @Test
  void clipHasOptionalBounds() {
    Tensor x = Tensor.of(new float[] {-2, 0.5f, 7, Float.NaN});
    Tensor low = Tensor.scalar(-1f);
    Tensor high = Tensor.scalar(1f);
    assertThat(run(new Clip(), x, low, high).toFloatArray())
        .containsExactly(-1, 0.5f, 1, Float.NaN);
    assertThat(run(new Clip(), x, null, high).toFloatArray())
        .containsExactly(-2, 0.5f, 1, Float.NaN);
    assertThat(run(new Clip(), x).toFloatArray()).containsExactly(-2, 0.5f, 7, Float.NaN);
    // The least above the greatest: the greatest decides.
    assertThat(run(new Clip(), x, high, low).toFloatArray()).containsExactly(-1, -1, -1, Float.NaN);
  }

  @Test
  void slopeOfPReluIsBroadcast() {
    Tensor y =
        run(
            new PRelu(),
            Tensor.of(new float[] {-1, -1, 2, -2}, 2, 2),
            Tensor.of(new float[] {10, 20}));
    assertThat(y.toFloatArray()).containsExactly(-10, -20, 2, -40);
  }

  @Test
  void symbolicShapesMeet() {
    Dim batch = new Dim.Symbol("batch");
    TensorType left = new TensorType(DType.FLOAT32, List.of(batch, Dim.of(1)));
    TensorType right = new TensorType(DType.FLOAT32, List.of(Dim.of(3)));
    assertThat(infer(new Add(), 1, left, right))
        .containsExactly(new TensorType(DType.FLOAT32, List.of(batch, Dim.of(3))));
    assertThat(infer(new Less(), 1, left, TensorType.unknown(DType.FLOAT32)))
        .containsExactly(TensorType.unknown(DType.BOOL));
  }
}
