package dev.tinytitan.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.op.Activation;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.DynamicQuantizeLinear;
import dev.tinytitan.op.IntegerAdd;
import dev.tinytitan.op.IntegerAveragePool;
import dev.tinytitan.op.IntegerConv;
import dev.tinytitan.op.IntegerGlobalAveragePool;
import dev.tinytitan.op.IntegerLookup;
import dev.tinytitan.op.IntegerMatMul;
import dev.tinytitan.op.IntegerMul;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.QuantizedMatMul;
import dev.tinytitan.op.QuantizedOutput;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the integer kernels of every engine must do: equal the operators' references, bit for bit.
 */
public abstract class IntegerKernelTester {
  private static final int ROUNDS = 150;

  /** Runs the rows, and knows which it ran. */
  protected KernelCheck check;

  private Random random;

  /** The engine under test. */
  protected abstract Engine engine();

  @BeforeEach
  void prepare() {
    check = new KernelCheck(engine());
    random = new Random(11);
  }

  private int pick(int... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private DType type() {
    return random.nextBoolean() ? DType.UINT8 : DType.INT8;
  }

  private Tensor integers(DType dtype, int... dims) {
    Tensor tensor = Tensor.zeros(dtype, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setLong(
          i, random.nextInt(12) == 0 ? (random.nextBoolean() ? 127 : -128) : random.nextInt());
    }
    return tensor;
  }

  /** Weights small enough for sums of any shape used here to be exact in float32. */
  private Tensor weights(int... dims) {
    Tensor tensor = Tensor.zeros(DType.INT8, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setLong(i, random.nextInt(255) - 127);
    }
    return tensor;
  }

  private Tensor bias(int count) {
    Tensor tensor = Tensor.zeros(DType.INT32, Shape.of(count));
    for (int i = 0; i < count; i++) {
      tensor.setLong(i, random.nextInt(20_000) - 10_000);
    }
    return tensor;
  }

  private Tensor multipliers(int count, int depth) {
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(random.nextBoolean() ? count : 1));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (0.3f + random.nextFloat()) / (90 * (float) Math.sqrt(depth)));
    }
    return tensor;
  }

  private int zeroPoint(DType dtype) {
    return (int) dtype.minValue() + random.nextInt(256);
  }

  private QuantizedOutput output() {
    DType dtype = type();
    int zeroPoint = zeroPoint(dtype);
    QuantizedOutput full = QuantizedOutput.of(dtype, zeroPoint);
    return random.nextInt(3) == 0
        ? new QuantizedOutput(dtype, zeroPoint, zeroPoint, full.high())
        : full;
  }

  @Test
  void convolutions() {
    for (int round = 0; round < ROUNDS; round++) {
      int rank = pick(1, 2, 2);
      boolean depthwise = random.nextInt(3) == 0;
      int channels = pick(1, 3, 8, 17, 32);
      int group = depthwise ? channels : 1;
      int filters = depthwise ? channels : pick(1, 5, 16, 24, 33);
      int[] x = new int[rank + 2];
      int[] w = new int[rank + 2];
      int[] strides = new int[rank];
      int[] pads = new int[2 * rank];
      x[0] = pick(1, 2);
      x[1] = channels;
      w[0] = filters;
      w[1] = channels / group;
      int depth = channels / group;
      for (int i = 0; i < rank; i++) {
        w[i + 2] = pick(1, 2, 3);
        x[i + 2] = 5 + random.nextInt(6);
        strides[i] = pick(1, 1, 2);
        pads[i] = pick(0, 1);
        pads[rank + i] = pick(0, 1, 2);
        depth *= w[i + 2];
      }
      DType dtype = type();
      IntegerConv operator =
          new IntegerConv(
              Window.of().withStrides(strides).withPads(pads), group, zeroPoint(dtype), output());
      check.check(
          operator, 3, integers(dtype, x), weights(w), multipliers(filters, depth), bias(filters));
      check.check(operator, 2, integers(dtype, x), weights(w), multipliers(filters, depth));
    }
    assertThat(check.used()).contains("integer-conv-in-floats");
  }

  @Test
  void depthwiseConvolutionsOfWholeLines() {
    for (int round = 0; round < ROUNDS; round++) {
      int channels = pick(4, 8, 16, 32, 48);
      DType dtype = type();
      Window window = Window.of().withPads(1, 1, 1, 1).withStrides(pick(1, 1, 2), 1);
      check.check(
          new IntegerConv(window, channels, zeroPoint(dtype), output()),
          3,
          integers(dtype, pick(1, 2), channels, 1 + random.nextInt(7), 1 + random.nextInt(20)),
          weights(channels, 1, 3, 3),
          multipliers(channels, 9),
          bias(channels));
    }
  }

  @Test
  void matrixProducts() {
    for (int round = 0; round < ROUNDS; round++) {
      int depth = pick(1, 3, 64, 129, 300);
      int columns = pick(1, 7, 16, 40, 65, 300);
      int rows = pick(1, 1, 2, 5, 13, 30);
      DType dtype = type();
      boolean transposed = random.nextBoolean();
      IntegerMatMul operator = new IntegerMatMul(transposed, zeroPoint(dtype), output());
      Tensor a = integers(dtype, rows, depth);
      Tensor b = transposed ? weights(columns, depth) : weights(depth, columns);
      Tensor multipliers = multipliers(columns, depth);
      check.check(operator, 3, a, b, multipliers, bias(columns));
      // Less their zero points, weights need more than a byte.
      check.check(operator, 4, a, b, multipliers, bias(columns), weights(pick(1, columns)));
    }
    assertThat(check.used()).contains("integer-matmul-in-floats");
  }

  @Test
  void dynamicMatrixProducts() {
    for (int round = 0; round < ROUNDS; round++) {
      int depth = pick(1, 3, 64, 129, 384);
      int columns = pick(1, 7, 16, 40, 65);
      Tensor x = Tensor.zeros(DType.FLOAT32, Shape.of(pick(1, 2), pick(1, 5, 13, 30), depth));
      for (int i = 0; i < x.size(); i++) {
        x.setFloat(i, (float) random.nextGaussian());
      }
      Tensor bias = Tensor.zeros(DType.FLOAT32, Shape.of(columns));
      for (int i = 0; i < columns; i++) {
        bias.setFloat(i, random.nextFloat());
      }
      check.check(
          new QuantizedMatMul(Activation.NONE),
          4,
          x,
          weights(depth, columns),
          multipliers(columns, depth),
          weights(1),
          bias);
      check.check(
          new QuantizedMatMul(
              Activation.NONE,
              new DynamicQuantizeLinear.Parameters(random.nextFloat() / 50, random.nextInt(256))),
          4,
          x,
          weights(depth, columns),
          multipliers(columns, depth),
          weights(1),
          bias);
      Tensor residual = Tensor.zeros(DType.FLOAT32, x.shape().withDim(-1, columns));
      for (int i = 0; i < residual.size(); i++) {
        residual.setFloat(i, random.nextFloat());
      }
      check.check(
          new QuantizedMatMul(Activation.RELU),
          new boolean[] {false, true, true, true, true, false},
          1,
          x,
          weights(depth, columns),
          multipliers(columns, depth),
          weights(1),
          bias,
          residual);
    }
    assertThat(check.used()).contains("quantized-matmul-in-floats");
  }

  /** Nothing but the ends of the range, so that sums grow as fast as they can. */
  private Tensor extremes(DType dtype, int sign, int... dims) {
    Tensor tensor = Tensor.zeros(dtype, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      boolean most = sign == 0 ? random.nextBoolean() : sign > 0 || random.nextInt(50) == 0;
      tensor.setLong(i, most ? dtype.maxValue() : dtype.minValue());
    }
    return tensor;
  }

  private Tensor anyInts(int count) {
    Tensor tensor = Tensor.zeros(DType.INT32, Shape.of(count));
    for (int i = 0; i < count; i++) {
      tensor.setLong(i, random.nextInt() / pick(1, 16, 1 << 20));
    }
    return tensor;
  }

  @Test
  void matrixSumsBeyondWhatFloatsHold() {
    for (int round = 0; round < 60; round++) {
      int depth = pick(257, 259, 515, 600, 1031, 2_000, 5_000);
      int columns = pick(1, 7, 16, 40, 300);
      DType dtype = type();
      DType weightType = type();
      boolean transposed = random.nextBoolean();
      Tensor zeros = extremes(weightType, 0, pick(1, columns));
      Tensor a = extremes(dtype, pick(-1, 0, 1), pick(1, 2, 13), depth);
      Tensor b =
          transposed
              ? extremes(weightType, pick(-1, 0, 1), columns, depth)
              : extremes(weightType, pick(-1, 0, 1), depth, columns);
      Tensor m = multipliers(columns, 40 * depth * depth);
      IntegerMatMul operator =
          new IntegerMatMul(transposed, pick((int) dtype.minValue(), zeroPoint(dtype)), output());
      assertThat(check.check(operator, 4, a, b, m, anyInts(columns), zeros)).isPositive();
      assertThat(check.check(operator, 2, a, b, m)).isPositive();
    }
  }

  @Test
  void windowSumsBeyondWhatFloatsHold() {
    for (int round = 0; round < 40; round++) {
      boolean depthwise = random.nextInt(4) == 0;
      int group = depthwise ? 3 : pick(1, 1, 2);
      int channels = depthwise ? 3 : group * pick(5, 20, 33, 130);
      int filters = depthwise ? 3 : group * pick(1, 16, 19);
      int kernel = depthwise ? 19 : pick(3, 5);
      DType dtype = type();
      DType weightType = type();
      IntegerConv operator =
          new IntegerConv(
              Window.of().withPads(1, 0, 2, 1).withDilations(1, pick(1, 2)),
              group,
              zeroPoint(dtype),
              output());
      int depth = channels / group * kernel * kernel;
      assertThat(
              check.check(
                  operator,
                  4,
                  extremes(dtype, pick(-1, 0, 1), 1, channels, kernel + 3, 2 * kernel + 1),
                  extremes(weightType, pick(-1, 0, 1), filters, channels / group, kernel, kernel),
                  multipliers(filters, 40 * depth * depth),
                  anyInts(filters),
                  extremes(weightType, 0, pick(1, filters))))
          .isPositive();
    }
  }

  @Test
  void dynamicSumsBeyondWhatFloatsHold() {
    for (int depth : new int[] {515, 1_536, 3_000}) {
      Tensor x = Tensor.zeros(DType.FLOAT32, Shape.of(3, depth));
      for (int i = 0; i < x.size(); i++) {
        x.setFloat(i, i % 7 == 0 ? -0.01f : 1 + random.nextFloat() / 100);
      }
      for (DType dtype : List.of(DType.INT8, DType.UINT8)) {
        Tensor w = extremes(dtype, pick(-1, 1), depth, 20);
        Tensor zero = extremes(dtype, 0, 20);
        assertThat(
                check.check(
                    new QuantizedMatMul(Activation.NONE),
                    3,
                    x,
                    w,
                    Tensor.of(new float[] {0.01f}),
                    zero))
            .isPositive();
      }
    }
  }

  @Test
  void elements() {
    for (int round = 0; round < ROUNDS; round++) {
      int[] dims = random.nextBoolean() ? new int[] {1, 5, 3, 7} : new int[] {2, pick(1, 16, 33)};
      DType dtype = type();
      Tensor x = integers(dtype, dims);
      Tensor y = integers(dtype, dims);
      float ratio = 0.1f + 2 * random.nextFloat();
      check.check(
          new IntegerAdd(
              ratio, zeroPoint(dtype), 0.1f + random.nextFloat(), zeroPoint(dtype), output()),
          0,
          x,
          y);
      check.check(
          new IntegerMul(random.nextFloat() / 100, zeroPoint(dtype), zeroPoint(dtype), output()),
          0,
          x,
          y);
      QuantizedOutput output = output();
      check.check(
          new IntegerLookup(),
          1,
          x,
          IntegerLookup.table(dtype, 0.1f, zeroPoint(dtype), v -> v * v, 0.2f, output));
      check.check(
          new DequantizeLinear(1, 0, DType.FLOAT32),
          2,
          x,
          Tensor.scalar(random.nextFloat()),
          scalar(dtype, zeroPoint(dtype)));
    }
    assertThat(check.used())
        .contains(
            "integer-add-in-floats",
            "integer-mul-in-floats",
            "integer-lookup-in-floats",
            "dequantize-in-floats");
  }

  @Test
  void quantizing() {
    float[] special = {
      Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f, Float.MIN_VALUE, 1e30f
    };
    for (int round = 0; round < ROUNDS; round++) {
      DType dtype = type();
      Tensor x = Tensor.zeros(DType.FLOAT32, Shape.of(1, 5, 3, pick(1, 7, 40)));
      float scale = round % 2 == 0 ? 0.25f : (0.1f + random.nextFloat()) * pick(1, 64);
      for (int i = 0; i < x.size(); i++) {
        // Every other one a multiple of half a step, so that ties are common; in some rounds none.
        x.setFloat(
            i,
            round % 3 == 0
                ? (random.nextFloat() - 0.5f) * scale * pick(300, 5_000, 1 << 25)
                : random.nextInt(8) == 0
                    ? special[random.nextInt(special.length)]
                    : random.nextBoolean() ? random.nextInt(-600, 600) / 8f : besideTie(scale));
      }
      check.check(
          new QuantizeLinear(1),
          2,
          x,
          Tensor.scalar(round % 9 == 0 ? scale * 0x1p-70f : scale),
          scalar(dtype, zeroPoint(dtype)));
    }
    assertThat(check.used()).contains("quantize-in-floats");
  }

  /** A number whose quotient by the scale is half a step, or the next float but few. */
  private float besideTie(float scale) {
    float tie = (random.nextInt(-140, 140) + 0.5f) * scale;
    return Float.intBitsToFloat(Float.floatToRawIntBits(tie) + random.nextInt(-2, 3));
  }

  private static Tensor scalar(DType dtype, int value) {
    Tensor tensor = Tensor.zeros(dtype, Shape.scalar());
    tensor.setLong(0, value);
    return tensor;
  }

  @Test
  void globalAverages() {
    for (int round = 0; round < ROUNDS; round++) {
      DType dtype = type();
      check.check(
          new IntegerGlobalAveragePool(
              0.1f + random.nextFloat(), zeroPoint(dtype), 0.1f + random.nextFloat(), output()),
          0,
          integers(dtype, pick(1, 2), pick(1, 10, 16, 33), pick(1, 5, 25), pick(1, 5)));
    }
    assertThat(check.used()).contains("integer-global-average-in-floats");
  }

  @Test
  void averagesOfWindows() {
    for (int round = 0; round < ROUNDS; round++) {
      DType dtype = type();
      Window window =
          Window.of(pick(1, 2, 3), 3).withStrides(pick(1, 2), 1).withPads(0, 1, pick(0, 1), 1);
      check.check(
          new IntegerAveragePool(
              window,
              random.nextBoolean(),
              0.1f + random.nextFloat(),
              zeroPoint(dtype),
              0.1f + random.nextFloat(),
              output()),
          0,
          integers(dtype, pick(1, 2), pick(1, 3, 16), 5, 6));
    }
  }
}
