package dev.tinytitan.compress.prune;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Clip;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.ConvTranspose;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Expand;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Gelu;
import dev.tinytitan.op.GlobalAveragePool;
import dev.tinytitan.op.GlobalMaxPool;
import dev.tinytitan.op.InstanceNormalization;
import dev.tinytitan.op.LRN;
import dev.tinytitan.op.LSTM;
import dev.tinytitan.op.LeakyRelu;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Max;
import dev.tinytitan.op.MaxPool;
import dev.tinytitan.op.Neg;
import dev.tinytitan.op.PRelu;
import dev.tinytitan.op.Pad;
import dev.tinytitan.op.Pow;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.ReduceMax;
import dev.tinytitan.op.ReduceMean;
import dev.tinytitan.op.ReduceSum;
import dev.tinytitan.op.Sigmoid;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.op.Sqrt;
import dev.tinytitan.op.Sub;
import dev.tinytitan.op.Sum;
import dev.tinytitan.op.Tanh;
import dev.tinytitan.op.Tile;
import dev.tinytitan.op.Where;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Networks in which channels go ways that {@link Topologies} has not: of exporters, and of old. */
final class UnusualTopologies {
  private UnusualTopologies() {}

  /** By name; each makes its graph from a builder. */
  static Map<String, Graph> all() {
    Map<String, Function<NetBuilder, Graph>> makers = new LinkedHashMap<>();
    makers.put("decoder of grouped transposed convolutions", UnusualTopologies::decoder);
    makers.put("two inputs that meet", UnusualTopologies::twoInputs);
    makers.put("LSTM behind convolutions", UnusualTopologies::convolutionalRecurrent);
    makers.put("halves that change places", UnusualTopologies::swappedHalves);
    makers.put("channels padded at the end and cut off", UnusualTopologies::padded);
    makers.put("quantized weights and activations", UnusualTopologies::quantized);
    makers.put("ConvNeXt with layer scale", UnusualTopologies::convNext);
    makers.put("channel and spatial attention (CBAM)", UnusualTopologies::blockAttention);
    makers.put("non-local block", UnusualTopologies::nonLocal);
    makers.put("attention gate in a U-Net", UnusualTopologies::attentionGate);
    makers.put("rotary positions", UnusualTopologies::rotary);
    makers.put("one key for all heads", UnusualTopologies::multiQuery);
    makers.put("root mean square norm of primitives", UnusualTopologies::rootMeanSquare);
    makers.put("layer norm of primitives", UnusualTopologies::primitiveNorm);
    makers.put("batch normalization of primitives", UnusualTopologies::primitiveBatchNorm);
    makers.put("instance normalization", UnusualTopologies::instanceNorm);
    makers.put("local response, maxout and sums of three", UnusualTopologies::old);
    makers.put("the same convolution twice", UnusualTopologies::siamese);
    makers.put("windows shifted by slices (Swin)", UnusualTopologies::shifted);
    makers.put("volumes", UnusualTopologies::volumes);
    makers.put("dynamic weights by a product", UnusualTopologies::dynamicWeights);
    makers.put("mixture of two experts", UnusualTopologies::experts);
    makers.put("squeeze-and-excite by matrices", UnusualTopologies::squeezeByMatrices);
    makers.put("mask by a constant", UnusualTopologies::masked);
    makers.put("convolutional autoencoder with a code", UnusualTopologies::autoencoder);
    Map<String, Graph> graphs = new LinkedHashMap<>();
    makers.forEach((name, maker) -> graphs.put(name, maker.apply(new NetBuilder(name, 11))));
    return graphs;
  }

  private static String transposed(NetBuilder net, String x, int in, int out, int group) {
    return net.node(
        new ConvTranspose(Window.of().withStrides(2, 2), group, List.of(), List.of()),
        x,
        net.weights(0.4, 0, in, out / group, 2, 2),
        net.weights(0.3, 0, out));
  }

  private static Graph decoder(NetBuilder net) {
    String x = net.relu(net.dense(net.input(2, 6), 6, 64));
    x = net.reshape(x, 2, 16, 2, 2);
    x = net.node(new LeakyRelu(0.2f), net.norm(transposed(net, x, 16, 12, 2), 12));
    x = net.node(new PRelu(), transposed(net, x, 12, 12, 12), net.weights(0.1, 0.2, 12, 1, 1));
    return net.build(net.node(new Tanh(), net.conv(x, 12, 3)));
  }

  private static Graph twoInputs(NetBuilder net) {
    String image = net.relu(net.conv(net.input("x", 2, 3, 6, 6), 3, 12));
    String numbers = net.relu(net.dense(net.input("y", 2, 5), 5, 12));
    String scale = net.reshape(numbers, 2, 12, 1, 1);
    image = net.add(net.mul(image, scale), net.input("z", 2, 12, 6, 6));
    image = net.relu(net.conv(image, 12, 10));
    String pooled = net.reshape(net.node(new GlobalAveragePool(), image), 2, 10);
    String other = net.relu(net.dense(numbers, 12, 8));
    return net.build(net.dense(net.concat(1, pooled, other), 18, 4));
  }

  private static Graph convolutionalRecurrent(NetBuilder net) {
    String x = net.relu(net.conv(net.input(2, 1, 8, 12), 1, 10, 3, 2, 1));
    // [2, 10, 4, 6] to [6, 2, 40]: time first, channels and bands as features.
    x = net.reshape(net.transpose(x, 3, 0, 1, 2), 6, 2, 40);
    List<String> states =
        net.nodes(
            new LSTM(Recurrences.lstm(8, false), false),
            3,
            x,
            net.weights(0.2, 0, 1, 32, 40),
            net.weights(0.3, 0, 1, 32, 8),
            net.weights(0.3, 0, 1, 64));
    return net.build(net.dense(net.reshape(states.get(1), 2, 8), 8, 4));
  }

  private static Graph swappedHalves(NetBuilder net) {
    String x = net.relu(net.conv(net.input(1, 3, 6, 6), 3, 16));
    List<String> parts = net.split(x, 1, 4, 6, 6);
    String mixed = net.concat(1, parts.get(2), net.relu(net.point(parts.get(1), 6, 6)));
    mixed = net.concat(1, parts.get(0), mixed);
    String picked = net.node(new Gather(1), mixed, net.longs(0, 2, 4, 6, 8, 10, 12, 14));
    return net.build(net.head(net.add(net.point(mixed, 16, 8), picked), 8, 4));
  }

  private static Graph padded(NetBuilder net) {
    String x = net.relu(net.conv(net.input(1, 3, 6, 6), 3, 10));
    String wide = net.node(new Pad(Pad.Mode.CONSTANT), x, net.longs(0, 0, 0, 0, 0, 6, 0, 0));
    String h = net.relu(net.add(wide, net.conv(x, 10, 16)));
    String narrow = net.slice(h, 1, 2, 14);
    String cut = net.slice(h, 1, -4, Long.MAX_VALUE);
    return net.build(net.head(net.concat(1, net.conv(narrow, 12, 8), cut), 12, 4));
  }

  private static String rounded(NetBuilder net, String x, float scale) {
    String s = net.constant(Tensor.scalar(scale));
    String zero = net.constant(Tensor.ofUnsigned(new byte[] {(byte) 128}));
    String q = net.node(new QuantizeLinear(-1, 0, true, null, null), x, s, zero);
    return net.node(new DequantizeLinear(-1, 0, null), q, s, zero);
  }

  private static String quantizedConv(NetBuilder net, String x, int in, int out, int group) {
    byte[] weights = new byte[out * in / group * 9];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (byte) (net.next(255) - 127);
    }
    float[] scales = new float[out];
    java.util.Arrays.fill(scales, 0.004f);
    String w =
        net.node(
            new DequantizeLinear(0, 0, null),
            net.constant(Tensor.of(weights, out, in / group, 3, 3)),
            net.constant(Tensor.of(scales)));
    return net.node(
        new Conv(Window.of().withPads(1, 1, 1, 1), group), x, w, net.weights(0.2, 0, out));
  }

  private static Graph quantized(NetBuilder net) {
    String x = rounded(net, net.input(1, 3, 6, 6), 0.05f);
    x = rounded(net, net.relu(quantizedConv(net, x, 3, 12, 1)), 0.03f);
    String h = rounded(net, net.relu(quantizedConv(net, x, 12, 12, 12)), 0.03f);
    h = rounded(net, quantizedConv(net, h, 12, 12, 1), 0.05f);
    x = rounded(net, net.add(x, h), 0.05f);
    return net.build(net.head(x, 12, 4));
  }

  private static Graph convNext(NetBuilder net) {
    String x = net.conv(net.input(1, 3, 8, 8), 3, 12);
    String h = net.transpose(net.depthwise(x, 12), 0, 2, 3, 1);
    h = net.layerNorm(h, 12);
    h = net.node(new Gelu(false), net.linear(h, 12, 32));
    h = net.mul(net.linear(h, 32, 12), net.weights(0.1, 0.5, 12));
    x = net.add(x, net.transpose(h, 0, 3, 1, 2));
    return net.build(net.head(x, 12, 4));
  }

  private static Graph blockAttention(NetBuilder net) {
    String x = net.relu(net.conv(net.input(1, 3, 6, 6), 3, 12));
    String mean = net.reshape(net.node(new GlobalAveragePool(), x), 1, 12);
    String most = net.reshape(net.node(new GlobalMaxPool(), x), 1, 12);
    String first = net.weights(0.3, 0, 12, 6);
    String second = net.weights(0.3, 0, 6, 12);
    String a = net.node(new MatMul(), net.relu(net.node(new MatMul(), mean, first)), second);
    String b = net.node(new MatMul(), net.relu(net.node(new MatMul(), most, first)), second);
    x = net.mul(x, net.reshape(net.node(new Sigmoid(), net.add(a, b)), 1, 12, 1, 1));
    String wide = net.relu(net.conv(x, 12, 10));
    String places =
        net.concat(
            1,
            net.node(new ReduceMean(true, false), wide, net.longs(1)),
            net.node(new ReduceMax(true, false), wide, net.longs(1)));
    x = net.mul(wide, net.node(new Sigmoid(), net.conv(places, 2, 1)));
    return net.build(net.head(x, 10, 4));
  }

  private static Graph nonLocal(NetBuilder net) {
    String x = net.relu(net.conv(net.input(1, 3, 4, 4), 3, 12));
    String q = net.transpose(net.reshape(net.point(x, 12, 8), 1, 8, 16), 0, 2, 1);
    String k = net.reshape(net.point(x, 12, 8), 1, 8, 16);
    String v = net.transpose(net.reshape(net.point(x, 12, 10), 1, 10, 16), 0, 2, 1);
    String weights = net.node(new Softmax(-1), net.node(new MatMul(), q, k));
    String mixed = net.transpose(net.node(new MatMul(), weights, v), 0, 2, 1);
    x = net.add(x, net.point(net.reshape(mixed, 1, 10, 4, 4), 10, 12));
    return net.build(net.head(x, 12, 4));
  }

  private static Graph attentionGate(NetBuilder net) {
    String one = net.relu(net.conv(net.input(1, 2, 8, 8), 2, 8));
    String two = net.relu(net.conv(one, 8, 12, 3, 2, 1));
    String up = net.up(two, 12, 8);
    String gate = net.relu(net.add(net.point(one, 8, 6), net.point(up, 8, 6)));
    gate = net.node(new Sigmoid(), net.point(gate, 6, 1));
    String joined = net.concat(1, net.mul(one, gate), up);
    return net.build(net.point(net.relu(net.conv(joined, 16, 10)), 10, 2));
  }

  private static String rotated(NetBuilder net, String x, int size) {
    String a = net.slice(x, 3, 0, size / 2);
    String b = net.slice(x, 3, size / 2, size);
    String turned = net.concat(3, net.node(new Neg(), b), a);
    String cos = net.weights(0.3, 0.5, 1, 1, 5, size);
    String sin = net.weights(0.3, 0.5, 1, 1, 5, size);
    return net.add(net.mul(x, cos), net.mul(turned, sin));
  }

  private static Graph rotary(NetBuilder net) {
    String x = net.linear(net.input(2, 5, 6), 6, 16);
    String[] parts = new String[3];
    for (int i = 0; i < 3; i++) {
      parts[i] = net.transpose(net.reshape(net.linear(x, 16, 24), 2, 5, 4, 6), 0, 2, 1, 3);
    }
    String q = rotated(net, parts[0], 6);
    String k = net.transpose(rotated(net, parts[1], 6), 0, 1, 3, 2);
    String scores = net.node(new Softmax(-1), net.node(new MatMul(), q, k));
    String mixed = net.transpose(net.node(new MatMul(), scores, parts[2]), 0, 2, 1, 3);
    return net.build(net.linear(net.reshape(mixed, 2, 5, 24), 24, 7));
  }

  private static Graph multiQuery(NetBuilder net) {
    String x = net.linear(net.input(2, 5, 6), 6, 16);
    String q = net.transpose(net.reshape(net.linear(x, 16, 24), 2, 5, 4, 6), 0, 2, 1, 3);
    String k = net.reshape(net.linear(x, 16, 6), 2, 1, 5, 6);
    String v = net.reshape(net.linear(x, 16, 6), 2, 1, 5, 6);
    v = net.node(new Expand(), v, net.longs(2, 4, 5, 6));
    String scores = net.node(new MatMul(), q, net.transpose(k, 0, 1, 3, 2));
    String mixed = net.node(new MatMul(), net.node(new Softmax(-1), scores), v);
    mixed = net.reshape(net.transpose(mixed, 0, 2, 1, 3), 2, 5, 24);
    String hidden = net.relu(net.linear(net.linear(mixed, 24, 16), 16, 20));
    return net.build(net.linear(hidden, 20, 4));
  }

  private static Graph rootMeanSquare(NetBuilder net) {
    String x = net.linear(net.input(2, 5, 6), 6, 16);
    String square = net.node(new Pow(), x, net.constant(Tensor.scalar(2f)));
    String mean = net.node(new ReduceMean(true, false), square, net.longs(-1));
    String root =
        net.node(new Sqrt(), net.node(new Add(), mean, net.constant(Tensor.scalar(1e-5f))));
    x = net.mul(net.node(new Div(), x, root), net.weights(0.2, 1, 16));
    return net.build(net.linear(net.relu(net.linear(x, 16, 20)), 20, 4));
  }

  private static Graph primitiveNorm(NetBuilder net) {
    String x = net.linear(net.relu(net.linear(net.input(2, 5, 6), 6, 18)), 18, 16);
    String mean = net.node(new ReduceMean(true, false), x, net.longs(-1));
    String centred = net.node(new Sub(), x, mean);
    String square = net.mul(centred, centred);
    String variance = net.node(new ReduceMean(true, false), square, net.longs(-1));
    String root = net.node(new Sqrt(), net.add(variance, net.constant(Tensor.scalar(1e-5f))));
    x = net.mul(net.node(new Div(), centred, root), net.weights(0.2, 1, 16));
    return net.build(net.linear(net.add(x, net.weights(0.2, 0, 16)), 16, 4));
  }

  private static Graph primitiveBatchNorm(NetBuilder net) {
    String x = net.conv(net.input(1, 3, 6, 6), 3, 12);
    x = net.node(new Sub(), x, net.weights(0.3, 0, 1, 12, 1, 1));
    x = net.node(new Div(), x, net.weights(0.1, 1, 12, 1, 1));
    x = net.add(net.mul(x, net.weights(0.2, 1, 1, 12, 1, 1)), net.weights(0.2, 0, 12, 1, 1));
    String six = net.constant(Tensor.scalar(6f));
    x = net.node(new Clip(), x, net.constant(Tensor.scalar(0f)), six);
    return net.build(net.head(net.relu(net.conv(x, 12, 8)), 8, 4));
  }

  private static Graph instanceNorm(NetBuilder net) {
    String x = net.conv(net.input(1, 3, 6, 6), 3, 12);
    x =
        net.relu(
            net.node(
                new InstanceNormalization(1e-5f),
                x,
                net.weights(0.2, 1, 12),
                net.weights(0.2, 0, 12)));
    x = net.node(new Tile(), net.conv(x, 12, 10), net.longs(1, 1, 2, 1));
    return net.build(net.head(net.relu(x), 10, 4));
  }

  private static Graph old(NetBuilder net) {
    String x = net.relu(net.conv(net.input(1, 3, 8, 8), 3, 12));
    x = net.node(new LRN(5, 1e-4f, 0.75f, 1), x);
    x = net.node(new MaxPool(Window.of(3, 3).withStrides(2, 2), false), x);
    String wide = net.node(new Max(), net.conv(x, 12, 10), net.conv(x, 12, 10));
    String a = net.relu(net.conv(wide, 10, 8));
    String all = net.node(new Sum(), a, net.point(wide, 10, 8), net.node(new Neg(), a));
    return net.build(net.head(all, 8, 4));
  }

  private static Graph siamese(NetBuilder net) {
    String w = net.weights(0.2, 0, 12, 3, 3, 3);
    String b = net.weights(0.2, 0, 12);
    String second = net.weights(0.2, 0, 8, 12, 1, 1);
    String[] sides = {net.input("x", 1, 3, 6, 6), net.input("y", 1, 3, 6, 6)};
    for (int i = 0; i < 2; i++) {
      String h = net.relu(net.node(new Conv(Window.of().withPads(1, 1, 1, 1), 1), sides[i], w, b));
      sides[i] = net.node(new Conv(Window.of(), 1), h, second);
    }
    String apart = net.node(new Sub(), sides[0], sides[1]);
    return net.build(net.head(net.mul(apart, apart), 8, 2));
  }

  private static Graph shifted(NetBuilder net) {
    String x = net.conv(net.input(1, 3, 8, 8), 3, 12);
    String h = net.transpose(x, 0, 2, 3, 1);
    h = net.concat(1, net.slice(h, 1, 2, Long.MAX_VALUE), net.slice(h, 1, 0, 2));
    // Windows of 4 by 4: [1, 2, 4, 2, 4, 12] to [4, 16, 12].
    h = net.reshape(h, 1, 2, 4, 2, 4, 12);
    h = net.reshape(net.transpose(h, 0, 1, 3, 2, 4, 5), 4, 16, 12);
    String[] parts = new String[3];
    for (int i = 0; i < 3; i++) {
      parts[i] = net.reshape(net.linear(h, 12, 16), 4, 16, 4, 4);
      parts[i] = net.transpose(parts[i], i == 1 ? new int[] {0, 2, 3, 1} : new int[] {0, 2, 1, 3});
    }
    String scores = net.add(net.node(new MatMul(), parts[0], parts[1]), net.weights(1, 0, 16, 16));
    String mixed = net.node(new MatMul(), net.node(new Softmax(-1), scores), parts[2]);
    mixed = net.linear(net.reshape(net.transpose(mixed, 0, 2, 1, 3), 4, 16, 16), 16, 12);
    mixed = net.transpose(net.reshape(mixed, 1, 2, 2, 4, 4, 12), 0, 1, 3, 2, 4, 5);
    mixed = net.transpose(net.reshape(mixed, 1, 8, 8, 12), 0, 3, 1, 2);
    return net.build(net.head(net.add(x, mixed), 12, 4));
  }

  private static Graph volumes(NetBuilder net) {
    Window window = Window.of().withPads(1, 1, 1, 1, 1, 1);
    String x = net.input(1, 2, 4, 4, 4);
    x = net.node(new Conv(window, 1), x, net.weights(0.2, 0, 10, 2, 3, 3, 3));
    x = net.relu(net.norm(x, 10));
    x = net.node(new Conv(window, 10), x, net.weights(0.3, 0, 10, 1, 3, 3, 3));
    x = net.node(new Conv(window, 2), x, net.weights(0.2, 0, 8, 5, 3, 3, 3));
    return net.build(net.head(net.relu(x), 8, 3));
  }

  /** Weights that a network makes weigh what another one sees. */
  private static Graph dynamicWeights(NetBuilder net) {
    String x = net.relu(net.linear(net.input(2, 5, 6), 6, 12));
    String made =
        net.relu(net.linear(net.node(new ReduceMean(false, false), x, net.longs(1)), 12, 30));
    String kernel = net.reshape(net.linear(made, 30, 48), 2, 12, 4);
    return net.build(net.linear(net.node(new MatMul(), x, kernel), 4, 3));
  }

  private static Graph experts(NetBuilder net) {
    String x = net.relu(net.linear(net.input(2, 6), 6, 16));
    String gate = net.node(new Softmax(-1), net.linear(x, 16, 2));
    String sum = null;
    for (int i = 0; i < 2; i++) {
      String weight = net.slice(gate, 1, i, i + 1);
      String answer = net.mul(net.linear(net.relu(net.linear(x, 16, 14)), 14, 10), weight);
      sum = sum == null ? answer : net.add(sum, answer);
    }
    return net.build(net.linear(net.relu(sum), 10, 4));
  }

  private static Graph squeezeByMatrices(NetBuilder net) {
    String x = net.relu(net.conv(net.input(2, 3, 6, 6), 3, 12));
    String sum = net.node(new ReduceSum(false, false), x, net.longs(2, 3));
    String inner = net.relu(net.dense(sum, 12, 6));
    String scale = net.node(new Sigmoid(), net.dense(inner, 6, 12));
    scale = net.node(new dev.tinytitan.op.Unsqueeze(), scale, net.longs(2, 3));
    return net.build(net.head(net.conv(net.mul(x, scale), 12, 8), 8, 4));
  }

  private static Graph masked(NetBuilder net) {
    String x = net.relu(net.linear(net.input(2, 5, 6), 6, 12));
    boolean[] keep = new boolean[12];
    for (int i = 0; i < keep.length; i++) {
      keep[i] = i % 3 != 0;
    }
    String zero = net.constant(Tensor.scalar(0f));
    x = net.node(new Where(), net.constant(Tensor.of(keep, 12)), x, zero);
    String far = net.constant(Tensor.scalar(-5f));
    String h = net.linear(x, 12, 10);
    h = net.node(new Where(), net.constant(Tensor.of(new boolean[] {true}, 1)), h, far);
    return net.build(net.linear(h, 10, 4));
  }

  private static Graph autoencoder(NetBuilder net) {
    String x = net.relu(net.conv(net.input(2, 1, 8, 8), 1, 6, 3, 2, 1));
    x = net.relu(net.conv(x, 6, 10, 3, 2, 1));
    String code = net.relu(net.dense(net.reshape(x, 2, 40), 40, 8));
    x = net.reshape(net.relu(net.dense(code, 8, 40)), 2, 10, 2, 2);
    x = net.relu(net.norm(net.up(x, 10, 6), 6));
    return net.build(net.node(new Sigmoid(), net.up(x, 6, 1)), code);
  }
}
