package dev.tinytitan.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.DynamicQuantizedMatMul;
import dev.tinytitan.op.IntegerAdd;
import dev.tinytitan.op.IntegerConv;
import dev.tinytitan.op.IntegerGlobalAveragePool;
import dev.tinytitan.op.IntegerLookup;
import dev.tinytitan.op.IntegerMatMul;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.QuantizedOutput;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the integer kernels of every engine must do: equal the operators' references, bit for bit.
 */
public abstract class IntegerKernelTester {
  private static final int ROUNDS = 150;

  private KernelCheck check;
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
  void matrixProducts() {
    for (int round = 0; round < ROUNDS; round++) {
      int depth = pick(1, 3, 64, 129, 300);
      int columns = pick(1, 7, 16, 40, 65);
      int rows = pick(1, 1, 2, 5, 13, 30);
      DType dtype = type();
      boolean transposed = random.nextBoolean();
      check.check(
          new IntegerMatMul(transposed, zeroPoint(dtype), output()),
          3,
          integers(dtype, rows, depth),
          transposed ? weights(columns, depth) : weights(depth, columns),
          multipliers(columns, depth),
          bias(columns));
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
          new DynamicQuantizedMatMul(),
          4,
          x,
          weights(depth, columns),
          multipliers(columns, depth),
          weights(1),
          bias);
    }
    assertThat(check.used()).contains("dynamic-quantized-matmul-in-floats");
  }

  @Test
  void sumsThatFloatsCannotHoldAreRefusedOrExact() {
    int depth = 2_000;
    Tensor a = Tensor.zeros(DType.UINT8, Shape.of(2, depth));
    Tensor b = Tensor.zeros(DType.INT8, Shape.of(depth, 3));
    for (int i = 0; i < a.size(); i++) {
      a.setLong(i, 255 - i % 3);
    }
    for (int i = 0; i < b.size(); i++) {
      b.setLong(i, 127 - i % 2);
    }
    check.check(
        new IntegerMatMul(false, 0, QuantizedOutput.of(DType.INT8, 0)),
        3,
        a,
        b,
        Tensor.of(new float[] {2e-6f}),
        Tensor.of(new int[] {1, 2, 3}));
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
        .contains("integer-add-in-floats", "integer-lookup-in-floats", "dequantize-in-floats");
  }

  @Test
  void quantizing() {
    float[] special = {
      Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f, Float.MIN_VALUE, 1e30f
    };
    for (int round = 0; round < ROUNDS; round++) {
      DType dtype = type();
      Tensor x = Tensor.zeros(DType.FLOAT32, Shape.of(1, 5, 3, pick(1, 7)));
      for (int i = 0; i < x.size(); i++) {
        // Every other one a multiple of half a step, so that ties are common.
        x.setFloat(
            i,
            random.nextInt(8) == 0
                ? special[random.nextInt(special.length)]
                : random.nextBoolean() ? random.nextInt(-600, 600) / 8f : 100 * random.nextFloat());
      }
      check.check(
          new QuantizeLinear(1),
          2,
          x,
          Tensor.scalar(round % 2 == 0 ? 0.25f : 0.1f + random.nextFloat()),
          scalar(dtype, zeroPoint(dtype)));
    }
    assertThat(check.used()).contains("quantize-in-floats");
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
}
