package dev.tinytitan.codegen.chain;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.IntegerAdd;
import dev.tinytitan.op.IntegerAveragePool;
import dev.tinytitan.op.IntegerConv;
import dev.tinytitan.op.IntegerGlobalAveragePool;
import dev.tinytitan.op.IntegerLookup;
import dev.tinytitan.op.IntegerMatMul;
import dev.tinytitan.op.IntegerMul;
import dev.tinytitan.op.MaxPool;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.QuantizedOutput;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes random integer layers and small networks of them, with inputs. Seeded. */
final class RandomChains {
  private final Random random;
  private Graph.Builder builder;
  private int names;

  /** What is taken out of weights. */
  private final Zeros zeros;

  RandomChains(long seed) {
    this(seed, Zeros.NONE);
  }

  RandomChains(long seed, Zeros zeros) {
    this.random = new Random(seed);
    this.builder = Graph.builder("random");
    this.zeros = zeros;
  }

  /** A value of a network under construction. */
  @SuppressWarnings("ArrayRecordComponent") // Lives within a method's call, is never compared.
  record Value(String name, DType dtype, int zeroPoint, int[] dims) {
    Shape shape() {
      return Shape.of(dims);
    }
  }

  /** A graph with inputs for it. */
  record Case(Graph graph, List<Tensor> inputs) {}

  int pick(int... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private String name() {
    return "v" + names++;
  }

  private DType type() {
    return random.nextBoolean() ? DType.UINT8 : DType.INT8;
  }

  private int zeroPoint(DType dtype) {
    return (int) dtype.minValue() + pick(0, 255, random.nextInt(256));
  }

  private QuantizedOutput output() {
    DType dtype = type();
    int zeroPoint = zeroPoint(dtype);
    QuantizedOutput full = QuantizedOutput.of(dtype, zeroPoint);
    int high = Math.min(full.high(), zeroPoint + 100);
    return switch (random.nextInt(4)) {
      case 0 -> new QuantizedOutput(dtype, zeroPoint, zeroPoint, full.high());
      case 1 -> new QuantizedOutput(dtype, zeroPoint, zeroPoint, high);
      default -> full;
    };
  }

  private Tensor integers(DType dtype, int... dims) {
    Tensor tensor = Tensor.zeros(dtype, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      int value = random.nextInt(12) == 0 ? pick(127, -128) : random.nextInt();
      tensor.setLong(i, value);
    }
    return tensor;
  }

  /** Weights; filters may be first or last, which matters for the pattern of zeros only. */
  private Tensor weights(int... dims) {
    Tensor tensor = integers(DType.INT8, dims);
    zeros.takeOut(tensor, random);
    return tensor;
  }

  private Tensor bias(int count) {
    Tensor tensor = Tensor.zeros(DType.INT32, Shape.of(count));
    for (int i = 0; i < count; i++) {
      tensor.setLong(i, random.nextInt(40_000) - 20_000);
    }
    return tensor;
  }

  private Tensor multipliers(int count, int depth) {
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(random.nextBoolean() ? count : 1));
    // Now and then one that saturates everything, or exactly a half, which makes ties.
    for (int i = 0; i < tensor.size(); i++) {
      float usual = (0.3f + random.nextFloat()) / (90 * (float) Math.sqrt(depth));
      tensor.setFloat(i, random.nextInt(20) == 0 ? 1.5f : random.nextInt(20) == 0 ? 0.5f : usual);
    }
    return tensor;
  }

  private String constant(Tensor tensor) {
    String name = name();
    builder.initializer(name, tensor);
    return name;
  }

  private Value node(Operator operator, QuantizedOutput output, int[] dims, String... inputs) {
    String name = name();
    builder.node(operator, List.of(inputs), name);
    return new Value(name, output.dtype(), output.zeroPoint(), dims);
  }

  /** An input of bytes. */
  Value byteInput(List<Tensor> inputs, int... dims) {
    DType dtype = type();
    String name = name();
    builder.input(name, TensorType.of(dtype, dims));
    inputs.add(integers(dtype, dims));
    return new Value(name, dtype, zeroPoint(dtype), dims);
  }

  /** An input of floats, quantized. */
  Value floatInput(List<Tensor> inputs, int... dims) {
    String name = name();
    builder.input(name, TensorType.of(DType.FLOAT32, dims));
    float scale = pick(0, 1) == 0 ? 0.125f : 0.01f + random.nextFloat();
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      float usual = (float) random.nextGaussian() * 60 * scale;
      // Ties, which show whether quotients are exact.
      float tie = (random.nextInt(300) - 150 + 0.5f) * scale;
      float odd =
          new float[] {Float.NaN, Float.POSITIVE_INFINITY, -1e30f, 1e-40f, -0.0f}
              [pick(0, 1, 2, 3, 4)];
      tensor.setFloat(i, random.nextInt(30) == 0 ? odd : random.nextInt(4) == 0 ? tie : usual);
    }
    inputs.add(tensor);
    DType dtype = type();
    int zeroPoint = zeroPoint(dtype);
    String quantized = name();
    Tensor zero = Tensor.zeros(dtype, Shape.of());
    zero.setLong(0, zeroPoint);
    builder.node(
        new QuantizeLinear(1),
        List.of(name, constant(Tensor.scalar(scale)), constant(zero)),
        quantized);
    return new Value(quantized, dtype, zeroPoint, dims);
  }

  /** A convolution of any kind; the window is made to fit. */
  Value conv(Value x, int filters, int group, int mostKernel, int mostStride) {
    int rank = x.dims().length - 2;
    int channels = x.dims()[1];
    int[] weights = new int[rank + 2];
    int[] strides = new int[rank];
    int[] dilations = new int[rank];
    int[] pads = new int[2 * rank];
    int[] dims = x.dims().clone();
    weights[0] = filters;
    weights[1] = channels / group;
    dims[1] = filters;
    int depth = weights[1];
    for (int i = 0; i < rank; i++) {
      int size = x.dims()[i + 2];
      weights[i + 2] = 1 + random.nextInt(Math.min(mostKernel, size));
      strides[i] = 1 + random.nextInt(mostStride);
      int room = weights[i + 2] == 1 ? 1 : 1 + (size - weights[i + 2]) / (weights[i + 2] - 1);
      dilations[i] = random.nextInt(4) == 0 ? Math.max(1, Math.min(2, room)) : 1;
      pads[i] = random.nextInt(3);
      pads[rank + i] = random.nextInt(3);
      int extent = (weights[i + 2] - 1) * dilations[i] + 1;
      dims[i + 2] = (size + pads[i] + pads[rank + i] - extent) / strides[i] + 1;
      depth *= weights[i + 2];
    }
    QuantizedOutput output = output();
    Window window = Window.of().withStrides(strides).withPads(pads).withDilations(dilations);
    return node(
        new IntegerConv(window, group, x.zeroPoint(), output),
        output,
        dims,
        x.name(),
        constant(weights(weights)),
        constant(multipliers(filters, depth)),
        constant(bias(filters)));
  }

  Value product(Value x, int columns) {
    int depth = x.dims()[1];
    boolean transposed = random.nextBoolean();
    QuantizedOutput output = output();
    return node(
        new IntegerMatMul(transposed, x.zeroPoint(), output),
        output,
        new int[] {x.dims()[0], columns},
        x.name(),
        constant(transposed ? weights(columns, depth) : weights(depth, columns)),
        constant(multipliers(columns, depth)),
        constant(bias(columns)));
  }

  Value pair(Value a, Value b) {
    QuantizedOutput output = output();
    boolean sum = random.nextInt(3) > 0;
    Operator operator =
        sum
            ? new IntegerAdd(
                0.2f + 2 * random.nextFloat(),
                a.zeroPoint(),
                pick(0, 1) == 0 ? 0.5f : 0.2f + 2 * random.nextFloat(),
                b.zeroPoint(),
                output)
            : new IntegerMul(
                pick(0, 1) == 0 ? 0.0078125f : 0.02f * random.nextFloat(),
                a.zeroPoint(),
                b.zeroPoint(),
                output);
    return node(operator, output, a.dims(), a.name(), b.name());
  }

  Value globalAverage(Value x) {
    QuantizedOutput output = output();
    int[] dims = x.dims().clone();
    for (int i = 2; i < dims.length; i++) {
      dims[i] = 1;
    }
    float xScale = 0.01f + random.nextFloat();
    float yScale = pick(0, 1) == 0 ? xScale : 0.01f + random.nextFloat();
    return node(
        new IntegerGlobalAveragePool(xScale, x.zeroPoint(), yScale, output),
        output,
        dims,
        x.name());
  }

  /** A pooling; the window is made to fit. */
  Value pool(Value x) {
    int rank = x.dims().length - 2;
    int[] kernel = new int[rank];
    int[] strides = new int[rank];
    int[] pads = new int[2 * rank];
    int[] dims = x.dims().clone();
    for (int i = 0; i < rank; i++) {
      kernel[i] = 1 + random.nextInt(Math.min(3, dims[i + 2]));
      strides[i] = pick(1, 2, kernel[i]);
      pads[i] = random.nextInt(kernel[i]);
      pads[rank + i] = random.nextInt(kernel[i]);
      dims[i + 2] = (dims[i + 2] + pads[i] + pads[rank + i] - kernel[i]) / strides[i] + 1;
    }
    Window window = Window.of(kernel).withStrides(strides).withPads(pads);
    if (random.nextBoolean()) {
      String name = name();
      builder.node(new MaxPool(window, false), List.of(x.name()), name);
      return new Value(name, x.dtype(), x.zeroPoint(), dims);
    }
    QuantizedOutput output = output();
    float xScale = 0.01f + random.nextFloat();
    float yScale = pick(0, 1) == 0 ? xScale : 0.01f + random.nextFloat();
    Operator operator =
        new IntegerAveragePool(window, random.nextBoolean(), xScale, x.zeroPoint(), yScale, output);
    return node(operator, output, dims, x.name());
  }

  Value lookup(Value x) {
    QuantizedOutput output = QuantizedOutput.of(type(), 3);
    return node(
        new IntegerLookup(), output, x.dims(), x.name(), constant(integers(output.dtype(), 256)));
  }

  /** Ends the graph with this value, as bytes or as floats. */
  Case end(Value x, List<Tensor> inputs) {
    if (random.nextBoolean()) {
      builder.output(x.name(), null);
    } else {
      String floats = name();
      Tensor zero = Tensor.zeros(x.dtype(), Shape.of());
      zero.setLong(0, x.zeroPoint());
      builder.node(
          new DequantizeLinear(1),
          List.of(x.name(), constant(Tensor.scalar(0.37f)), constant(zero)),
          floats);
      builder.output(floats, null);
    }
    return new Case(builder.build(), inputs);
  }

  Value input(List<Tensor> inputs, int... dims) {
    return random.nextBoolean() ? byteInput(inputs, dims) : floatInput(inputs, dims);
  }

  /** One convolution. */
  Case convolution() {
    List<Tensor> inputs = new ArrayList<>();
    int rank = pick(1, 2, 2, 2);
    int channels = pick(1, 2, 3, 4, 7, 8, 16, 20, 33, 64, 70);
    int[] dims = new int[rank + 2];
    dims[0] = pick(1, 1, 1, 2, 3);
    dims[1] = channels;
    for (int i = 0; i < rank; i++) {
      dims[i + 2] = 1 + random.nextInt(pick(3, 8, 20));
    }
    Value x = input(inputs, dims);
    int group = channels % 2 == 0 && random.nextInt(5) == 0 ? 2 : 1;
    int filters = group * pick(1, 2, 3, 5, 8, 12, 16, 17, 24, 32, 40, 48, 64, 66, 80, 130);
    return end(conv(x, filters, group, 4, 3), inputs);
  }

  /** One convolution of many channels whose filters mostly leave a part of a vector over. */
  Case partOfVector() {
    List<Tensor> inputs = new ArrayList<>();
    int channels = pick(4, 8, 12, 16, 20, 33, 64);
    Value x = input(inputs, pick(1, 1, 2), channels, 2 + random.nextInt(7), 2 + random.nextInt(20));
    int filters = pick(1, 3, 4, 5, 7, 8, 12, 16, 20, 23, 24, 36, 40, 52, 56, 72, 104);
    return end(conv(x, filters, 1, 4, 2), inputs);
  }

  /** One convolution of each channel by itself. */
  Case depthwise() {
    List<Tensor> inputs = new ArrayList<>();
    int rank = pick(1, 2, 2, 2);
    int channels = pick(2, 3, 4, 8, 12, 16, 20, 32, 33, 40, 64, 72, 96, 128, 200);
    int[] dims = new int[rank + 2];
    dims[0] = pick(1, 1, 1, 2, 3);
    dims[1] = channels;
    for (int i = 0; i < rank; i++) {
      dims[i + 2] = 1 + random.nextInt(pick(3, 8, 20));
    }
    Value x = input(inputs, dims);
    return end(conv(x, channels, channels, pick(3, 3, 7), 3), inputs);
  }

  /** One matrix product. */
  Case matrixProduct() {
    List<Tensor> inputs = new ArrayList<>();
    Value x = input(inputs, pick(1, 1, 2, 5, 13, 30), pick(1, 3, 8, 64, 129, 300));
    return end(product(x, pick(1, 3, 7, 10, 16, 40, 65, 128, 200)), inputs);
  }

  /** A pooling behind a small convolution. */
  Case pooling() {
    List<Tensor> inputs = new ArrayList<>();
    Value x = input(inputs, 1, 3, 3 + random.nextInt(9), 3 + random.nextInt(9));
    return end(pool(conv(x, pick(1, 3, 8, 20, 64, 70), 1, 1, 1)), inputs);
  }

  /** Convolutions that keep the size, or products, one after the other; some are read twice. */
  Case stack() {
    List<Tensor> inputs = new ArrayList<>();
    boolean matrix = random.nextInt(3) == 0;
    Value x =
        matrix
            ? input(inputs, pick(1, 2, 5, 16, 30, 33), pick(3, 8, 20, 64))
            : input(
                inputs,
                pick(1, 1, 2),
                pick(3, 4, 8, 20),
                1 + random.nextInt(9),
                1 + random.nextInt(20));
    int layers = 2 + random.nextInt(3);
    for (int i = 0; i < layers; i++) {
      int filters = pick(1, 4, 6, 8, 12, 16, 31, 40);
      Value before = x;
      x = matrix ? product(x, filters) : sameSize(x, filters, pick(1, 3, 3, 5));
      if (x.shape().equals(before.shape()) && random.nextInt(2) == 0) {
        x = pair(x, before);
      }
    }
    return end(x, inputs);
  }

  /** A small network with branches. */
  Case network() {
    List<Tensor> inputs = new ArrayList<>();
    int channels = pick(1, 3, 4, 8, 16, 24);
    int height = 3 + random.nextInt(12);
    int width = 3 + random.nextInt(12);
    Value x = input(inputs, pick(1, 1, 1, 3), channels, height, width);
    int layers = 1 + random.nextInt(5);
    for (int i = 0; i < layers; i++) {
      int now = x.dims()[1];
      x =
          switch (random.nextInt(7)) {
            case 0, 1 -> conv(x, pick(4, 8, 13, 16, 32, 64), 1, 3, 2);
            case 2 -> now > 1 ? conv(x, now, now, 3, 2) : conv(x, 8, 1, 3, 1);
            case 3 -> i == 0 ? conv(x, 16, 1, 3, 1) : lookup(x);
            case 4 -> pool(conv(x, pick(3, 12, 20, 70), 1, 2, 1));
            default -> {
              Value left = conv(x, 16, 1, 1, 1);
              Value right = sameSize(x, 16);
              yield left.shape().equals(right.shape()) ? pair(left, right) : right;
            }
          };
    }
    if (random.nextBoolean()) {
      x = globalAverage(conv(x, pick(4, 10, 64, 100), 1, 1, 1));
    }
    return end(x, inputs);
  }

  private Value sameSize(Value x, int filters) {
    return sameSize(x, filters, 3);
  }

  /** A convolution that keeps the size, over so many places, an odd number, in both directions. */
  private Value sameSize(Value x, int filters, int kernel) {
    QuantizedOutput output = output();
    int[] dims = x.dims().clone();
    dims[1] = filters;
    int pads = kernel / 2;
    Window window = Window.of().withStrides(1, 1).withPads(pads, pads, pads, pads);
    return node(
        new IntegerConv(window, 1, x.zeroPoint(), output),
        output,
        dims,
        x.name(),
        constant(weights(filters, x.dims()[1], kernel, kernel)),
        constant(multipliers(filters, kernel * kernel * x.dims()[1])),
        constant(bias(filters)));
  }
}
