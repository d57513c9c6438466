package dev.tinytitan.train;

import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.AveragePool;
import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.op.Clip;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Dropout;
import dev.tinytitan.op.Flatten;
import dev.tinytitan.op.GRU;
import dev.tinytitan.op.Gelu;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.GlobalAveragePool;
import dev.tinytitan.op.LSTM;
import dev.tinytitan.op.LayerNormalization;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.MaxPool;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Recurrence;
import dev.tinytitan.op.RecurrentActivation;
import dev.tinytitan.op.ReduceMean;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.Sigmoid;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.op.Sub;
import dev.tinytitan.op.Tanh;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.op.UnaryOperator;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a layer of a {@link Network} gives, and the layers that may follow it. Immutable; every
 * method adds to the network and returns what it added. Feature maps are {@code [channels,
 * spatial…]}, sequences {@code [length, features]}.
 */
public final class Layer {
  private static final float BATCH_NORM_EPSILON = 1e-3f;
  private static final float BATCH_NORM_MOMENTUM = 0.9f;

  private final Network network;
  private final String name;
  private final Shape shape;

  Layer(Network network, String name, Shape shape) {
    this.network = network;
    this.name = name;
    this.shape = shape;
  }

  /** The name of the value. */
  public String name() {
    return name;
  }

  /** The shape without the batch. */
  public Shape shape() {
    return shape;
  }

  /** How far a convolution looks beyond the borders. */
  public enum Padding {
    /** As far as the result keeps the size, the stride apart. */
    SAME,
    /** Not at all. */
    VALID,
    /** As SAME, but only before the first element: what comes later is never seen. */
    CAUSAL
  }

  /** Convolution with a bias that keeps the size; see {@link #conv(int, int, int)}. */
  public Layer conv(int filters, int kernel) {
    return conv(filters, kernel, 1, 1, 1, Padding.SAME, true);
  }

  /** Convolution without a bias, as it stands before a normalization. */
  public Layer conv(int filters, int kernel, int stride) {
    return conv(filters, kernel, stride, 1, 1, Padding.SAME, false);
  }

  /** Depthwise convolution without a bias: one filter for each channel. */
  public Layer depthwise(int kernel, int stride) {
    return conv(shape.dim(0), kernel, stride, 1, shape.dim(0), Padding.SAME, false);
  }

  /**
   * Convolution over all spatial axes, its weights drawn after He.
   *
   * @param kernel elements of the window along each axis
   * @param group how many blocks of channels are convolved apart
   */
  public Layer conv(
      int filters, int kernel, int stride, int dilation, int group, Padding padding, boolean bias) {
    int axes = shape.rank() - 1;
    int reach = (kernel - 1) * dilation;
    int[] pads = new int[2 * axes];
    int[] dims = shape.toArray();
    dims[0] = filters;
    for (int i = 0; i < axes; i++) {
      int size = shape.dim(i + 1);
      int total =
          switch (padding) {
            case VALID -> 0;
            case CAUSAL -> reach;
            case SAME ->
                Math.max(0, ((size + stride - 1) / stride - 1) * stride + reach + 1 - size);
          };
      pads[i] = padding == Padding.CAUSAL ? total : total / 2;
      pads[axes + i] = total - pads[i];
      dims[i + 1] = (size + total - reach - 1) / stride + 1;
    }
    int[] weights = new int[axes + 2];
    Arrays.fill(weights, kernel);
    weights[0] = filters;
    weights[1] = shape.dim(0) / group;
    Window window =
        Window.of(filled(axes, kernel))
            .withStrides(filled(axes, stride))
            .withPads(pads)
            .withDilations(filled(axes, dilation));
    String to = network.name("conv");
    int inputs = Shape.of(weights).sizeBetween(1, weights.length);
    String weight = network.heNormal(to + ".weight", inputs, weights);
    List<String> values =
        bias
            ? List.of(name, weight, network.filled(to + ".bias", filters, 0))
            : List.of(name, weight);
    network.add(to, new Conv(window, group), values);
    return new Layer(network, to, Shape.of(dims));
  }

  private static int[] filled(int length, int value) {
    int[] array = new int[length];
    Arrays.fill(array, value);
    return array;
  }

  /** Fully connected over the last dimension, its weights drawn after Glorot. */
  public Layer dense(int units) {
    String to = network.name("dense");
    int inputs = shape.dim(-1);
    String bias = network.filled(to + ".bias", units, 0);
    Shape result = shape.withDim(shape.rank() - 1, units);
    if (shape.rank() == 1) {
      String weight = network.glorotUniform(to + ".weight", inputs, units, units, inputs);
      network.add(to, new Gemm(1, 1, false, true), List.of(name, weight, bias));
      return new Layer(network, to, result);
    }
    String weight = network.glorotUniform(to + ".weight", inputs, units, inputs, units);
    network.add(to + "/product", new MatMul(), List.of(name, weight));
    network.add(to, new Add(), List.of(to + "/product", bias));
    return new Layer(network, to, result);
  }

  /** Batch normalization. */
  public Layer batchNorm() {
    String to = network.name("norm");
    int channels = shape.dim(0);
    network.add(
        to,
        new BatchNormalization(BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM, false),
        List.of(
            name,
            network.filled(to + ".scale", channels, 1),
            network.filled(to + ".bias", channels, 0),
            network.filled(to + ".mean", channels, 0),
            network.filled(to + ".variance", channels, 1)));
    return new Layer(network, to, shape);
  }

  /** Layer normalization over the last dimension. */
  public Layer layerNorm() {
    String to = network.name("norm");
    int size = shape.dim(-1);
    network.add(
        to,
        new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
        List.of(
            name, network.filled(to + ".scale", size, 1), network.filled(to + ".bias", size, 0)));
    return new Layer(network, to, shape);
  }

  /** A function of each element. */
  public Layer apply(UnaryOperator function) {
    String to = network.name(function.spec().name().toLowerCase(Locale.ROOT));
    network.add(to, function, List.of(name));
    return new Layer(network, to, shape);
  }

  /** {@code max(x, 0)}. */
  public Layer relu() {
    return apply(new Relu());
  }

  /** {@code min(max(x, 0), 6)}. */
  public Layer relu6() {
    String to = network.name("relu6");
    String low = network.initializer(to + ".low", Tensor.scalar(0f));
    String high = network.initializer(to + ".high", Tensor.scalar(6f));
    network.add(to, new Clip(), List.of(name, low, high));
    return new Layer(network, to, shape);
  }

  /** Gaussian error linear unit (opset 20). */
  public Layer gelu() {
    return apply(new Gelu(false));
  }

  /** {@code 1 / (1 + exp(-x))}. */
  public Layer sigmoid() {
    return apply(new Sigmoid());
  }

  /** Hyperbolic tangent. */
  public Layer tanh() {
    return apply(new Tanh());
  }

  /** The sum of two layers of one shape. */
  public Layer add(Layer other) {
    String to = network.name("add");
    network.add(to, new Add(), List.of(name, other.name));
    return new Layer(network, to, shape);
  }

  /** The greatest of each window of this size, which moves by its size. */
  public Layer maxPool(int size) {
    String to = network.name("pool");
    network.add(to, new MaxPool(pool(size), false), List.of(name));
    return new Layer(network, to, pooled(size));
  }

  /** The mean of each window of this size, which moves by its size. */
  public Layer averagePool(int size) {
    String to = network.name("pool");
    network.add(to, new AveragePool(pool(size), false), List.of(name));
    return new Layer(network, to, pooled(size));
  }

  private Window pool(int size) {
    int axes = shape.rank() - 1;
    return Window.of(filled(axes, size)).withStrides(filled(axes, size));
  }

  private Shape pooled(int size) {
    int[] dims = shape.toArray();
    for (int i = 1; i < dims.length; i++) {
      dims[i] /= size;
    }
    return Shape.of(dims);
  }

  /** The mean of each channel: a vector. */
  public Layer globalAveragePool() {
    String to = network.name("pool");
    network.add(to, new GlobalAveragePool(), List.of(name));
    int[] ones = filled(shape.rank(), 1);
    ones[0] = shape.dim(0);
    return new Layer(network, to, Shape.of(ones)).flatten();
  }

  /** All elements as a vector. */
  public Layer flatten() {
    String to = network.name("flatten");
    network.add(to, new Flatten(1), List.of(name));
    return new Layer(network, to, Shape.of(shape.size()));
  }

  /** The elements in another shape. */
  public Layer reshape(int... dims) {
    String to = network.name("reshape");
    long[] sizes = new long[dims.length + 1];
    for (int i = 0; i < dims.length; i++) {
      sizes[i + 1] = dims[i];
    }
    String target = network.initializer(to + ".shape", Tensor.of(sizes));
    network.add(to, new Reshape(false), List.of(name, target));
    return new Layer(network, to, Shape.of(dims));
  }

  /** The dimensions, the batch not counted, in another order. */
  public Layer transpose(int... order) {
    String to = network.name("transpose");
    int[] perm = new int[order.length + 1];
    int[] dims = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      perm[i + 1] = order[i] + 1;
      dims[i] = shape.dim(order[i]);
    }
    network.add(to, Transpose.of(perm), List.of(name));
    return new Layer(network, to, Shape.of(dims));
  }

  /** The mean over a dimension, the batch not counted, which goes. */
  public Layer mean(int axis) {
    String to = network.name("mean");
    String axes = network.initializer(to + ".axes", Tensor.of(new long[] {axis + 1}));
    network.add(to, new ReduceMean(false, false), List.of(name, axes));
    int[] dims = new int[shape.rank() - 1];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = shape.dim(i < axis ? i : i + 1);
    }
    return new Layer(network, to, Shape.of(dims));
  }

  /** Elements dropped by chance in training. */
  public Layer dropout(double rate) {
    String to = network.name("dropout");
    String ratio = network.initializer(to + ".ratio", Tensor.scalar((float) rate));
    network.add(to, new Dropout(null), List.of(name, ratio));
    return new Layer(network, to, shape);
  }

  /** {@code (x - mean) / deviation}, both the same for all elements; not trained. */
  public Layer standardize(double mean, double deviation) {
    String to = network.name("standardize");
    String center = network.initializer(to + ".mean", Tensor.scalar((float) mean));
    String divisor = network.initializer(to + ".deviation", Tensor.scalar((float) deviation));
    network.add(to + "/centered", new Sub(), List.of(name, center));
    network.add(to, new Div(), List.of(to + "/centered", divisor));
    return new Layer(network, to, shape);
  }

  /** A learned vector for each place of a sequence, added to it. */
  public Layer positions() {
    String to = network.name("positions");
    String table = network.normal(to + ".embedding", 0.02, shape.dim(0), shape.dim(1));
    network.add(to, new Add(), List.of(name, table));
    return new Layer(network, to, shape);
  }

  /** The last state of a gated recurrent unit that reads a sequence (Cho et al. 2014). */
  public Layer gru(int hidden) {
    Recurrence recurrence = recurrence(hidden, 2);
    return recurrent(network.name("gru"), new GRU(recurrence, true), 3, hidden);
  }

  /** The last state of a long short-term memory that reads a sequence (Gers et al. 2000). */
  public Layer lstm(int hidden) {
    return recurrent(network.name("lstm"), new LSTM(recurrence(hidden, 3), false), 4, hidden);
  }

  private static Recurrence recurrence(int hidden, int functions) {
    List<RecurrentActivation> activations = new ArrayList<>();
    activations.add(new RecurrentActivation(RecurrentActivation.Kind.SIGMOID, 0, 0));
    while (activations.size() < functions) {
      activations.add(new RecurrentActivation(RecurrentActivation.Kind.TANH, 0, 0));
    }
    return new Recurrence(
        hidden, Recurrence.Direction.FORWARD, activations, Float.POSITIVE_INFINITY, false);
  }

  private Layer recurrent(String to, Operator operator, int gates, int hidden) {
    int features = shape.dim(1);
    int rows = gates * hidden;
    network.add(to + "/steps", Transpose.of(1, 0, 2), List.of(name));
    network.add(
        Node.of(
            to + "/cell",
            operator,
            List.of(
                to + "/steps",
                network.glorotUniform(to + ".weight", features, hidden, 1, rows, features),
                network.glorotUniform(to + ".recurrent", hidden, hidden, 1, rows, hidden),
                network.initializer(to + ".bias", Tensor.of(new float[2 * rows], 1, 2 * rows))),
            List.of("", to + "/state")));
    String target = network.initializer(to + ".shape", Tensor.of(new long[] {-1, hidden}));
    network.add(to, new Reshape(false), List.of(to + "/state", target));
    return new Layer(network, to, Shape.of(hidden));
  }

  /**
   * Self-attention of several heads over a sequence (Vaswani et al. 2017).
   *
   * @param heads a divisor of the features
   */
  public Layer attention(int heads) {
    int length = shape.dim(0);
    int width = shape.dim(1);
    int each = width / heads;
    Layer queries = dense(width).reshape(length, heads, each).transpose(1, 0, 2);
    Layer keys = dense(width).reshape(length, heads, each).transpose(1, 2, 0);
    Layer values = dense(width).reshape(length, heads, each).transpose(1, 0, 2);
    Layer scores = queries.product(keys).scaled(1 / Math.sqrt(each));
    String weights = network.name("softmax");
    network.add(weights, new Softmax(-1), List.of(scores.name));
    Layer mixed = new Layer(network, weights, scores.shape).product(values);
    return mixed.transpose(1, 0, 2).reshape(length, width).dense(width);
  }

  private Layer product(Layer other) {
    String to = network.name("product");
    network.add(to, new MatMul(), List.of(name, other.name));
    return new Layer(network, to, shape.withDim(shape.rank() - 1, other.shape.dim(-1)));
  }

  private Layer scaled(double factor) {
    String to = network.name("scale");
    String scale = network.initializer(to + ".factor", Tensor.scalar((float) factor));
    network.add(to, new Mul(), List.of(name, scale));
    return new Layer(network, to, shape);
  }
}
