package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IntegerOperatorTest {
  private static final QuantizedOutput BYTE = QuantizedOutput.of(DType.UINT8, 10);

  @Test
  void requantizesHalfToEvenAndClamps() {
    assertThat(BYTE.requantize(5, 0.5f)).isEqualTo(12);
    assertThat(BYTE.requantize(7, 0.5f)).isEqualTo(14);
    assertThat(BYTE.requantize(-5, 0.5f)).isEqualTo(8);
    assertThat(BYTE.requantize(Integer.MIN_VALUE, 1)).isZero();
    assertThat(BYTE.requantize(Integer.MAX_VALUE, 1)).isEqualTo(255);
    // float(sum) rounds before the multiplication: 2^24 + 1 is 2^24.
    assertThat(QuantizedOutput.of(DType.INT8, 0).requantize((1 << 24) + 1, 0x1.8p-24f))
        .isEqualTo(2);
    QuantizedOutput relu = BYTE.clip(new Activation.Clip(0, 6), 0.5f);
    assertThat(relu).isEqualTo(new QuantizedOutput(DType.UINT8, 10, 10, 22));
    assertThat(relu.requantize(-3, 1)).isEqualTo(10);
    assertThat(relu.requantize(100, 1)).isEqualTo(22);
    assertThat(BYTE.clip((Activation.Clip) Activation.RELU, 0.5f).high()).isEqualTo(255);
    assertThatThrownBy(() -> QuantizedOutput.of(DType.FLOAT32, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new QuantizedOutput(DType.INT8, 0, -129, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** DequantizeLinear → Conv → QuantizeLinear and QLinearConv are the same operator. */
  @Test
  void convolutionEqualsQLinearConv() {
    Random random = new Random(3);
    Tensor x = bytes(random, DType.UINT8, 2, 4, 9, 7);
    Tensor w = bytes(random, DType.INT8, 6, 2, 3, 3);
    Tensor wZero = bytes(random, DType.INT8, 6);
    Tensor bias = Tensor.of(new int[] {100, -5000, 77, 0, 1 << 20, 12345});
    float xScale = 0.017f;
    float yScale = 0.9f;
    float[] wScales = {0.01f, 0.02f, 0.003f, 0.04f, 0.05f, 0.006f};
    float[] multipliers = new float[6];
    for (int i = 0; i < 6; i++) {
      multipliers[i] = Quantized.multiplier(xScale, wScales[i], yScale);
    }
    Window window = Window.of(3, 3).withPads(1, 0, 2, 1).withStrides(2, 1);
    Tensor expected =
        run(
            new QLinearConv(window, 2),
            x,
            Tensor.scalar(xScale),
            Tensor.ofUnsigned(new byte[] {(byte) 140}),
            w,
            Tensor.of(wScales),
            wZero,
            Tensor.scalar(yScale),
            Tensor.ofUnsigned(new byte[] {10}),
            bias);
    IntegerConv conv = new IntegerConv(window, 2, 140, BYTE);
    assertThat(run(conv, x, w, Tensor.of(multipliers), bias, wZero)).isEqualTo(expected);
    assertThatThrownBy(() -> run(conv, x, w, Tensor.of(new float[2]), bias, wZero))
        .isInstanceOf(ShapeMismatchException.class);
  }

  @Test
  void matrixProductEqualsQLinearMatMul() {
    Random random = new Random(4);
    Tensor a = bytes(random, DType.INT8, 2, 5, 8);
    Tensor b = bytes(random, DType.UINT8, 8, 3);
    Tensor bZero = bytes(random, DType.UINT8, 3);
    float[] bScales = {0.01f, 0.02f, 0.03f};
    float[] multipliers = new float[3];
    for (int i = 0; i < 3; i++) {
      multipliers[i] = Quantized.multiplier(0.5f, bScales[i], 0.7f);
    }
    Tensor expected =
        run(
            new QLinearMatMul(),
            a,
            Tensor.scalar(0.5f),
            Tensor.of(new byte[] {-3}),
            b,
            Tensor.of(bScales),
            bZero,
            Tensor.scalar(0.7f),
            Tensor.ofUnsigned(new byte[] {10}));
    Tensor m = Tensor.of(multipliers);
    assertThat(run(new IntegerMatMul(false, -3, BYTE), a, b, m, null, bZero)).isEqualTo(expected);
    Tensor transposed = Tensor.zeros(DType.UINT8, Shape.of(3, 8));
    for (int i = 0; i < 24; i++) {
      transposed.copyElement(i % 3 * 8 + i / 3, b, i);
    }
    assertThat(run(new IntegerMatMul(true, -3, BYTE), a, transposed, m, null, bZero))
        .isEqualTo(expected);
  }

  @Test
  void matMulIntegerTakesZeroPointsPerRowAndColumn() {
    Tensor y =
        run(
            new MatMulInteger(),
            Tensor.ofUnsigned(new byte[] {1, 2, 3, (byte) 200}, 2, 2),
            Tensor.of(new byte[] {1, 2, 3, -4}, 2, 2),
            Tensor.ofUnsigned(new byte[] {1, 2}),
            Tensor.of(new byte[] {0, 1}));
    // a - zero points = (0, 1), (1, 198); b - zero points = (1, 1), (3, -5).
    assertThat(y.toIntArray()).containsExactly(3, -5, 595, -989);
  }

  @Test
  void qLinearMatMulTakesHalfPrecisionScales() {
    Tensor scale = Tensor.zeros(DType.FLOAT16, Shape.of(1));
    scale.setFloat(0, 0.5f);
    Tensor zero = Tensor.of(new byte[] {0});
    Tensor y =
        run(
            new QLinearMatMul(),
            Tensor.of(new byte[] {3, 4}, 1, 2),
            scale,
            zero,
            Tensor.of(new byte[] {10, 20}, 2, 1),
            scale,
            zero,
            scale,
            zero);
    assertThat(y.toIntArray()).containsExactly(55);
  }

  @Test
  void sumsProductsAndMeans() {
    Tensor a = Tensor.ofUnsigned(new byte[] {12, 20, (byte) 255}, 3);
    Tensor b = Tensor.ofUnsigned(new byte[] {7}, 1);
    // 0.5 (a - 10) + 2 (b - 4) + 10
    assertThat(run(new IntegerAdd(0.5f, 10, 2, 4, BYTE), a, b).toIntArray())
        .containsExactly(17, 21, 138);
    // 0.25 (a - 10) (b - 4) + 10
    assertThat(run(new IntegerMul(0.25f, 10, 4, BYTE), a, b).toIntArray())
        .containsExactly(12, 18, 194);
    Tensor x = Tensor.ofUnsigned(new byte[] {1, 2, 4, 8}, 1, 1, 4);
    assertThat(run(new IntegerGlobalAveragePool(2, 1, 1, BYTE), x).toIntArray())
        .containsExactly(16);
    IntegerAveragePool pool =
        new IntegerAveragePool(Window.of(2).withPads(1, 0).withStrides(2), false, 1, 1, 0.5f, BYTE);
    assertThat(run(pool, x).toIntArray()).containsExactly(10, 14);
  }

  @Test
  void tablesAreIndexedByBits() {
    Tensor table =
        IntegerLookup.table(
            DType.INT8, 0.5f, 2, Math::abs, 0.25f, QuantizedOutput.of(DType.UINT8, 0));
    Tensor y = run(new IntegerLookup(), Tensor.of(new byte[] {-128, -1, 2, 127}), table);
    assertThat(y.dtype()).isEqualTo(DType.UINT8);
    assertThat(y.toIntArray()).containsExactly(255, 6, 0, 250);
  }

  @Test
  void whatIsNoNumberBecomesTheLeastResult() {
    Tensor table =
        IntegerLookup.table(
            DType.INT8, 1, 0, x -> (float) Math.sqrt(x), 1, QuantizedOutput.of(DType.INT8, 5));
    assertThat(run(new IntegerLookup(), Tensor.of(new byte[] {-4, 4}), table).toIntArray())
        .containsExactly(-128, 7);
  }

  private static Tensor bytes(Random random, DType dtype, int... dims) {
    Tensor tensor = Tensor.zeros(dtype, Shape.of(dims));
    random.nextBytes(tensor.byteArray());
    return tensor;
  }
}
