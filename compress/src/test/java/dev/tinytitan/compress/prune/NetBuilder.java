package dev.tinytitan.compress.prune;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.ConvTranspose;
import dev.tinytitan.op.Flatten;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.GlobalAveragePool;
import dev.tinytitan.op.LayerNormalization;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.Sigmoid;
import dev.tinytitan.op.Slice;
import dev.tinytitan.op.Split;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Writes networks with weights from a seed; every method gives the name of what it adds. */
final class NetBuilder {
  private final Random random;
  private final Graph.Builder graph;
  private int count;

  NetBuilder(String name, long seed) {
    this.random = new Random(seed);
    this.graph = Graph.builder(name);
  }

  String input(int... dims) {
    return input("x", dims);
  }

  String input(String name, int... dims) {
    graph.input(name, TensorType.of(DType.FLOAT32, dims));
    return name;
  }

  String input(TensorType type) {
    graph.input("x", type);
    return "x";
  }

  Graph build(String output) {
    return graph.output(output, null).build();
  }

  Graph build(String... outputs) {
    for (String output : outputs) {
      graph.output(output, null);
    }
    return graph.build();
  }

  String weights(double scale, double mean, int... dims) {
    float[] values = new float[Shape.of(dims).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (mean + scale * random.nextGaussian());
    }
    return constant(Tensor.of(values, dims));
  }

  String constant(Tensor tensor) {
    String name = "w" + count++;
    graph.initializer(name, tensor);
    return name;
  }

  String longs(long... values) {
    return constant(Tensor.of(values));
  }

  String node(Operator operator, String... inputs) {
    String name = operator.spec().name().toLowerCase(java.util.Locale.ROOT) + count++;
    graph.node(operator, List.of(inputs), name);
    return name;
  }

  List<String> nodes(Operator operator, int outputs, String... inputs) {
    List<String> names = new ArrayList<>();
    String name = operator.spec().name().toLowerCase(java.util.Locale.ROOT) + count++;
    for (int i = 0; i < outputs; i++) {
      names.add(name + "_" + i);
    }
    graph.node(dev.tinytitan.ir.Node.of(name, operator, List.of(inputs), names));
    return names;
  }

  /** Same padding for odd kernels. */
  String conv(String x, int in, int out, int kernel, int stride, int group) {
    int pad = kernel / 2;
    Window window = Window.of().withStrides(stride, stride).withPads(pad, pad, pad, pad);
    double scale = 1 / Math.sqrt(in / (double) group * kernel * kernel);
    return node(
        new Conv(window, group),
        x,
        weights(scale, 0, out, in / group, kernel, kernel),
        weights(0.3, 0, out));
  }

  String conv(String x, int in, int out) {
    return conv(x, in, out, 3, 1, 1);
  }

  String point(String x, int in, int out) {
    return conv(x, in, out, 1, 1, 1);
  }

  String depthwise(String x, int channels) {
    return conv(x, channels, channels, 3, 1, channels);
  }

  String up(String x, int in, int out) {
    return node(
        new ConvTranspose(Window.of().withStrides(2, 2), 1, List.of(), List.of()),
        x,
        weights(1 / Math.sqrt(in), 0, in, out, 2, 2),
        weights(0.3, 0, out));
  }

  String norm(String x, int channels) {
    return node(
        new BatchNormalization(1e-5f, 0.9f, false),
        x,
        weights(0.3, 1, channels),
        weights(0.3, 0, channels),
        weights(0.3, 0, channels),
        constant(positive(channels)));
  }

  private Tensor positive(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = 0.5f + random.nextFloat();
    }
    return Tensor.of(values);
  }

  String relu(String x) {
    return node(new Relu(), x);
  }

  String convNormRelu(String x, int in, int out, int kernel, int stride, int group) {
    return relu(norm(conv(x, in, out, kernel, stride, group), out));
  }

  String add(String x, String y) {
    return node(new Add(), x, y);
  }

  String mul(String x, String y) {
    return node(new Mul(), x, y);
  }

  String concat(int axis, String... parts) {
    return node(new Concat(axis), parts);
  }

  List<String> split(String x, int axis, long... sizes) {
    return nodes(new Split(axis, 0), sizes.length, x, longs(sizes));
  }

  String slice(String x, int axis, long start, long end) {
    return node(new Slice(), x, longs(start), longs(end), longs(axis));
  }

  String reshape(String x, long... dims) {
    return node(new Reshape(false), x, longs(dims));
  }

  String transpose(String x, int... order) {
    return node(Transpose.of(order), x);
  }

  String matMul(String x, int in, int out) {
    return node(new MatMul(), x, weights(1 / Math.sqrt(in), 0, in, out));
  }

  String linear(String x, int in, int out) {
    return add(matMul(x, in, out), weights(0.3, 0, out));
  }

  String dense(String x, int in, int out) {
    return node(
        new Gemm(1, 1, false, true),
        x,
        weights(1 / Math.sqrt(in), 0, out, in),
        weights(0.3, 0, out));
  }

  String layerNorm(String x, int width) {
    return node(
        new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
        x,
        weights(0.3, 1, width),
        weights(0.3, 0, width));
  }

  /** Pools everything and classifies. */
  String head(String x, int channels, int classes) {
    return dense(node(new Flatten(1), node(new GlobalAveragePool(), x)), channels, classes);
  }

  /** Squeeze and excite: channels weighted by what they are on the whole. */
  String squeezeExcite(String x, int channels, int inner) {
    String pooled = node(new GlobalAveragePool(), x);
    String weight = point(relu(point(pooled, channels, inner)), inner, channels);
    return mul(x, node(new Sigmoid(), weight));
  }

  /** The channel shuffle of ShuffleNet. */
  String shuffle(String x, int batch, int channels, int groups, int size) {
    String apart = reshape(x, batch, groups, channels / groups, size, size);
    return reshape(transpose(apart, 0, 2, 1, 3, 4), batch, channels, size, size);
  }

  int next(int bound) {
    return random.nextInt(bound);
  }
}
