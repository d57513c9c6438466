package dev.tinytitan.codegen.chain;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.AveragePool;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.FusedConv;
import dev.tinytitan.op.FusedMatMul;
import dev.tinytitan.op.GlobalAveragePool;
import dev.tinytitan.op.MaxPool;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Sub;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes random float layers and small networks of them, with inputs. Seeded. */
final class RandomFloatChains {
  private final Random random;
  private final Graph.Builder builder = Graph.builder("random");
  private final List<Tensor> inputs = new ArrayList<>();
  private int names;

  /** What is taken out of weights. */
  private final Zeros zeros;

  RandomFloatChains(long seed) {
    this(seed, Zeros.NONE);
  }

  RandomFloatChains(long seed, Zeros zeros) {
    this.random = new Random(seed);
    this.zeros = zeros;
  }

  /** A value of a network under construction. */
  @SuppressWarnings("ArrayRecordComponent") // Lives within a method's call, is never compared.
  private record Value(String name, int[] dims) {}

  private int pick(int... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private Tensor floats(double scale, int... dims) {
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (float) (scale * random.nextGaussian()));
    }
    return tensor;
  }

  private String constant(Tensor tensor) {
    String name = "c" + names++;
    builder.initializer(name, tensor);
    return name;
  }

  private Value input(int... dims) {
    String name = "x" + names++;
    builder.input(name, TensorType.of(DType.FLOAT32, dims));
    inputs.add(floats(1, dims));
    return new Value(name, dims);
  }

  private Value map(int channels) {
    int rank = pick(1, 2, 2, 2);
    int[] dims = new int[rank + 2];
    dims[0] = 1;
    dims[1] = channels;
    for (int i = 0; i < rank; i++) {
      dims[i + 2] = 1 + random.nextInt(pick(3, 8, 20, 40));
    }
    return input(dims);
  }

  private Value node(Operator operator, int[] dims, String... from) {
    String name = "v" + names++;
    builder.node(operator, List.of(from), name);
    return new Value(name, dims);
  }

  private Activation activation() {
    return switch (random.nextInt(4)) {
      case 0 -> Activation.NONE;
      case 1 -> new Activation.Clip(0, 6);
      case 2 -> new Activation.Clip(-0.5f, Float.POSITIVE_INFINITY);
      default -> Activation.RELU;
    };
  }

  /** A window that fits: kernel sizes, and what comes out. */
  private Window window(
      Value x, int[] kernel, int[] outDims, int mostKernel, int mostStride, int mostPad) {
    int rank = kernel.length;
    int[] strides = new int[rank];
    int[] dilations = new int[rank];
    int[] pads = new int[2 * rank];
    for (int i = 0; i < rank; i++) {
      int size = x.dims()[i + 2];
      kernel[i] = 1 + random.nextInt(Math.min(mostKernel, size));
      strides[i] = 1 + random.nextInt(mostStride);
      int room = kernel[i] == 1 ? 1 : 1 + (size - kernel[i]) / (kernel[i] - 1);
      dilations[i] = random.nextInt(4) == 0 ? Math.max(1, Math.min(2, room)) : 1;
      pads[i] = random.nextInt(mostPad + 1);
      pads[rank + i] = random.nextInt(mostPad + 1);
      int extent = (kernel[i] - 1) * dilations[i] + 1;
      outDims[i + 2] = (size + pads[i] + pads[rank + i] - extent) / strides[i] + 1;
    }
    return Window.of().withStrides(strides).withPads(pads).withDilations(dilations);
  }

  private Value conv(Value x, int filters, int group, int mostKernel, int mostStride) {
    int rank = x.dims().length - 2;
    int[] kernel = new int[rank];
    int[] dims = x.dims().clone();
    Window window = window(x, kernel, dims, mostKernel, mostStride, 2);
    dims[1] = filters;
    int[] weights = new int[rank + 2];
    weights[0] = filters;
    weights[1] = x.dims()[1] / group;
    int depth = weights[1];
    for (int i = 0; i < rank; i++) {
      weights[i + 2] = kernel[i];
      depth *= kernel[i];
    }
    Tensor values = floats(1 / Math.sqrt(depth), weights);
    zeros.takeOut(values, random);
    String w = constant(values);
    String bias = constant(floats(0.5, filters));
    return switch (random.nextInt(5)) {
      case 0 -> node(new Conv(window, group), dims, x.name(), w);
      case 1 -> {
        Value residual = input(dims);
        yield node(
            new FusedConv(window, group, activation()), dims, x.name(), w, bias, residual.name());
      }
      default -> node(new FusedConv(window, group, activation()), dims, x.name(), w, bias);
    };
  }

  private Value pool(Value x) {
    int[] kernel = new int[x.dims().length - 2];
    int[] dims = x.dims().clone();
    boolean mean = random.nextBoolean();
    Window moved = window(x, kernel, dims, 4, 3, mean ? 1 : 0);
    List<Integer> size = Arrays.stream(kernel).boxed().toList();
    Window window =
        new Window(
            size,
            moved.strides(),
            moved.pads(),
            moved.dilations(),
            moved.autoPad(),
            moved.ceilMode());
    return node(mean ? new AveragePool(window, true) : new MaxPool(window, false), dims, x.name());
  }

  private Value pair(Value a, Value b) {
    Operator operator =
        switch (random.nextInt(3)) {
          case 0 -> new Sub();
          case 1 -> new Mul();
          default -> new Add();
        };
    return node(operator, a.dims(), a.name(), b.name());
  }

  private RandomChains.Case end(Value x) {
    builder.output(x.name(), null);
    return new RandomChains.Case(builder.build(), inputs);
  }

  /** One convolution. */
  RandomChains.Case convolution() {
    int channels = pick(1, 2, 3, 4, 7, 8, 16, 20, 33, 64, 70);
    Value x = map(channels);
    int group = channels % 2 == 0 && random.nextInt(5) == 0 ? 2 : 1;
    int filters = group * pick(1, 2, 3, 5, 8, 12, 16, 17, 24, 32, 40, 48, 64, 66, 80, 130);
    return end(conv(x, filters, group, 4, 3));
  }

  /** One convolution of many channels whose filters mostly leave a part of a vector over. */
  RandomChains.Case partOfVector() {
    Value x = map(pick(4, 8, 12, 16, 20, 33, 64));
    int filters = pick(1, 3, 4, 5, 7, 8, 12, 16, 20, 23, 24, 36, 40, 52, 56, 72, 104);
    return end(conv(x, filters, 1, 4, 2));
  }

  /** A window over each channel by itself, then a product, for chains need one. */
  RandomChains.Case windows() {
    Value x = map(pick(2, 3, 4, 8, 12, 16, 20, 32, 33, 40, 64, 72, 96));
    int channels = x.dims()[1];
    Value y = random.nextBoolean() ? conv(x, channels, channels, pick(3, 3, 7), 3) : pool(x);
    return end(conv(y, 5, 1, 1, 1));
  }

  /** One matrix product. */
  RandomChains.Case matrixProduct() {
    int depth = pick(1, 3, 8, 64, 129, 300, 1100);
    int columns = pick(1, 3, 7, 10, 16, 40, 65, 128, 200);
    Value x = input(pick(1, 1, 2, 5, 13, 30), depth);
    boolean transposed = random.nextBoolean();
    int[] dims = transposed ? new int[] {columns, depth} : new int[] {depth, columns};
    Tensor weights = floats(1 / Math.sqrt(depth), dims);
    zeros.takeOut(weights, random);
    return end(
        node(
            new FusedMatMul(transposed, pick(1, 2) * 0.5f, activation()),
            new int[] {x.dims()[0], columns},
            x.name(),
            constant(weights),
            constant(floats(1, columns))));
  }

  /** A small network with branches. */
  RandomChains.Case network() {
    Value x = input(1, pick(1, 3, 4, 8, 16, 24), 3 + random.nextInt(12), 3 + random.nextInt(12));
    x = conv(x, 16, 1, 3, 2);
    int layers = 1 + random.nextInt(5);
    for (int i = 0; i < layers; i++) {
      int now = x.dims()[1];
      x =
          switch (random.nextInt(6)) {
            case 0, 1 -> conv(x, pick(4, 8, 13, 16, 32, 64), 1, 3, 2);
            case 2 -> conv(x, now, now, 3, 2);
            case 3 -> node(new Relu(), x.dims(), x.name());
            case 4 -> pool(x);
            default -> pair(x, node(new Relu(), x.dims(), x.name()));
          };
    }
    if (random.nextBoolean()) {
      int[] dims = x.dims().clone();
      dims[2] = 1;
      dims[3] = 1;
      x = node(new GlobalAveragePool(), dims, x.name());
    }
    return end(x);
  }
}
