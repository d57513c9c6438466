package dev.tinytitan.compress.prune;

import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Attention;
import dev.tinytitan.op.AveragePool;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.DepthToSpace;
import dev.tinytitan.op.Einsum;
import dev.tinytitan.op.Expand;
import dev.tinytitan.op.Flatten;
import dev.tinytitan.op.GRU;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Gelu;
import dev.tinytitan.op.GlobalAveragePool;
import dev.tinytitan.op.GroupNormalization;
import dev.tinytitan.op.HardSwish;
import dev.tinytitan.op.LSTM;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.MaxPool;
import dev.tinytitan.op.PRelu;
import dev.tinytitan.op.Pad;
import dev.tinytitan.op.RNN;
import dev.tinytitan.op.ReduceMean;
import dev.tinytitan.op.Resize;
import dev.tinytitan.op.ShapeOf;
import dev.tinytitan.op.Sigmoid;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.op.SpaceToDepth;
import dev.tinytitan.op.Squeeze;
import dev.tinytitan.op.Tanh;
import dev.tinytitan.op.Unsqueeze;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Networks of all the shapes that channels take, small, with weights from a seed. */
final class Topologies {
  private Topologies() {}

  /** By name; each makes its graph from a builder. */
  static Map<String, Graph> all() {
    Map<String, Function<NetBuilder, Graph>> makers = new LinkedHashMap<>();
    makers.put("mlp", Topologies::mlp);
    makers.put("plain convolutions with flatten", Topologies::lenet);
    makers.put("residual with projection", Topologies::residual);
    makers.put("bottleneck residual, grouped (ResNeXt)", Topologies::resNext);
    makers.put("residual with padded channels", Topologies::paddedShortcut);
    makers.put("depthwise separable with multiplier", Topologies::separable);
    makers.put("inverted residual with squeeze-and-excite", Topologies::invertedResidual);
    makers.put("dense block", Topologies::denseBlock);
    makers.put("inception", Topologies::inception);
    makers.put("channel shuffle with groups (ShuffleNet)", Topologies::shuffleNet);
    makers.put("channel split and shuffle (ShuffleNet v2)", Topologies::shuffleNet2);
    makers.put("shuffle sized by Shape", Topologies::shapedShuffle);
    makers.put("U-Net with transposed convolutions", Topologies::uNet);
    makers.put("feature pyramid with resizing", Topologies::pyramid);
    makers.put("transformer, separate projections", net -> transformer(net, false));
    makers.put("transformer, fused projection split", net -> transformer(net, true));
    makers.put("transformer, fused projection in five dimensions", Topologies::fiveDimensions);
    makers.put("transformer with open sizes", Topologies::openTransformer);
    makers.put("attention operator", Topologies::attentionOperator);
    makers.put("attention by einsum", Topologies::einsumAttention);
    makers.put("vision transformer", Topologies::visionTransformer);
    makers.put("gated feed-forward", Topologies::gated);
    makers.put("one-dimensional, dilated (TCN)", Topologies::temporal);
    makers.put("LSTM, GRU and RNN", Topologies::recurrent);
    makers.put("group normalization", Topologies::groupNorm);
    makers.put("PRelu and slices", Topologies::slices);
    makers.put("depth to space", Topologies::depthToSpace);
    makers.put("two heads that share a trunk", Topologies::twoHeads);
    makers.put("shared weights", Topologies::sharedWeights);
    makers.put("gathered channels", Topologies::gathered);
    makers.put("highway gates", Topologies::highway);
    makers.put("channels last", Topologies::channelsLast);
    Map<String, Graph> graphs = new LinkedHashMap<>();
    makers.forEach((name, maker) -> graphs.put(name, maker.apply(new NetBuilder(name, 7))));
    return graphs;
  }

  private static Graph mlp(NetBuilder net) {
    String x = net.input(2, 20);
    String h = net.relu(net.dense(x, 20, 24));
    h = net.node(new Sigmoid(), net.linear(h, 24, 16));
    return net.build(net.dense(h, 16, 5));
  }

  private static Graph lenet(NetBuilder net) {
    String x = net.input(2, 1, 12, 12);
    String h = net.node(maxPool(), net.relu(net.conv(x, 1, 6)));
    h = net.node(maxPool(), net.node(new Tanh(), net.conv(h, 6, 10)));
    h = net.node(new Flatten(1), h);
    return net.build(net.dense(net.relu(net.dense(h, 90, 20)), 20, 4));
  }

  private static MaxPool maxPool() {
    return new MaxPool(Window.of(2, 2).withStrides(2, 2), false);
  }

  private static Graph residual(NetBuilder net) {
    String x = net.convNormRelu(net.input(2, 3, 8, 8), 3, 12, 3, 1, 1);
    String h = net.norm(net.conv(net.convNormRelu(x, 12, 10, 3, 1, 1), 10, 12), 12);
    x = net.relu(net.add(x, h));
    h = net.norm(net.conv(net.convNormRelu(x, 12, 14, 3, 2, 1), 14, 20), 20);
    String side = net.norm(net.conv(x, 12, 20, 1, 2, 1), 20);
    return net.build(net.head(net.relu(net.add(h, side)), 20, 5));
  }

  private static Graph resNext(NetBuilder net) {
    String x = net.convNormRelu(net.input(2, 3, 8, 8), 3, 16, 3, 1, 1);
    String h = net.convNormRelu(x, 16, 24, 1, 1, 1);
    h = net.convNormRelu(h, 24, 24, 3, 1, 8);
    x = net.relu(net.add(x, net.norm(net.point(h, 24, 16), 16)));
    h = net.convNormRelu(x, 16, 24, 1, 1, 1);
    h = net.convNormRelu(h, 24, 32, 3, 1, 2);
    return net.build(net.head(net.point(h, 32, 16), 16, 5));
  }

  /** The option A of the first residual networks: strides, and zeros for new channels. */
  private static Graph paddedShortcut(NetBuilder net) {
    String x = net.relu(net.conv(net.input(2, 3, 8, 8), 3, 8));
    String side = net.node(new AveragePool(Window.of(1, 1).withStrides(2, 2), false), x);
    side = net.node(new Pad(Pad.Mode.CONSTANT), side, net.longs(0, 4, 0, 0, 0, 4, 0, 0));
    String h = net.conv(net.relu(net.conv(x, 8, 16, 3, 2, 1)), 16, 16);
    return net.build(net.head(net.relu(net.add(h, side)), 16, 5));
  }

  private static Graph separable(NetBuilder net) {
    String x = net.relu(net.conv(net.input(1, 3, 8, 8), 3, 8));
    x = net.convNormRelu(x, 8, 16, 3, 1, 8);
    x = net.convNormRelu(x, 16, 12, 1, 1, 1);
    x = net.convNormRelu(x, 12, 12, 3, 2, 12);
    x = net.convNormRelu(x, 12, 20, 1, 1, 1);
    return net.build(net.head(x, 20, 5));
  }

  private static Graph invertedResidual(NetBuilder net) {
    String x = net.norm(net.conv(net.input(1, 3, 8, 8), 3, 8), 8);
    String h = net.node(new HardSwish(), net.norm(net.point(x, 8, 24), 24));
    h = net.node(new HardSwish(), net.norm(net.depthwise(h, 24), 24));
    h = net.squeezeExcite(h, 24, 6);
    x = net.add(x, net.norm(net.point(h, 24, 8), 8));
    return net.build(net.head(net.node(new HardSwish(), net.point(x, 8, 20)), 20, 5));
  }

  private static Graph denseBlock(NetBuilder net) {
    String x = net.conv(net.input(1, 3, 8, 8), 3, 8);
    int channels = 8;
    for (int i = 0; i < 3; i++) {
      String h = net.relu(net.norm(x, channels));
      h = net.conv(net.relu(net.norm(net.point(h, channels, 12), 12)), 12, 6);
      x = net.concat(1, x, h);
      channels += 6;
    }
    x = net.point(net.relu(net.norm(x, channels)), channels, channels / 2);
    return net.build(net.head(x, channels / 2, 5));
  }

  private static Graph inception(NetBuilder net) {
    String x = net.relu(net.conv(net.input(1, 3, 8, 8), 3, 10));
    String a = net.relu(net.point(x, 10, 6));
    String b = net.relu(net.conv(net.relu(net.point(x, 10, 5)), 5, 8));
    String c = net.relu(net.conv(net.relu(net.point(x, 10, 4)), 4, 6, 5, 1, 1));
    String pooled = net.node(new MaxPool(Window.of(3, 3).withPads(1, 1, 1, 1), false), x);
    String d = net.relu(net.point(pooled, 10, 4));
    String all = net.concat(1, a, b, c, d);
    return net.build(net.head(net.relu(net.conv(all, 24, 12)), 12, 5));
  }

  private static Graph shuffleNet(NetBuilder net) {
    String x = net.relu(net.conv(net.input(2, 3, 6, 6), 3, 36));
    String h = net.convNormRelu(x, 36, 18, 1, 1, 3);
    h = net.shuffle(h, 2, 18, 3, 6);
    h = net.norm(net.depthwise(h, 18), 18);
    h = net.norm(net.conv(h, 18, 36, 1, 1, 3), 36);
    return net.build(net.head(net.relu(net.add(x, h)), 36, 5));
  }

  private static Graph shuffleNet2(NetBuilder net) {
    String x = net.relu(net.conv(net.input(2, 3, 6, 6), 3, 16));
    for (int i = 0; i < 2; i++) {
      List<String> halves = net.split(x, 1, 8, 8);
      String h = net.convNormRelu(halves.get(1), 8, 8, 1, 1, 1);
      h = net.norm(net.depthwise(h, 8), 8);
      h = net.convNormRelu(h, 8, 8, 1, 1, 1);
      x = net.shuffle(net.concat(1, halves.get(0), h), 2, 16, 2, 6);
    }
    return net.build(net.head(net.relu(net.point(x, 16, 12)), 12, 5));
  }

  /** Sizes taken from the input at run time, as exporters write them; channels by number. */
  private static Graph shapedShuffle(NetBuilder net) {
    String x =
        net.input(
            new TensorType(
                DType.FLOAT32,
                List.of(new Dim.Symbol("batch"), Dim.of(3), new Dim.Symbol("h"), Dim.of(6))));
    String h = net.relu(net.conv(x, 3, 12));
    String shape = net.node(new ShapeOf(0, null), h);
    String batch = net.node(new Gather(0), shape, net.longs(0));
    String space = net.slice(shape, 0, 2, 4);
    String apart =
        net.node(
            new dev.tinytitan.op.Reshape(false), h, net.concat(0, batch, net.longs(2, 6), space));
    String mixed = net.transpose(apart, 0, 2, 1, 3, 4);
    String whole = net.slice(shape, 0, 1, 2);
    h = net.node(new dev.tinytitan.op.Reshape(false), mixed, net.concat(0, batch, whole, space));
    return net.build(net.head(net.conv(h, 12, 8), 8, 5));
  }

  private static Graph uNet(NetBuilder net) {
    String x = net.input(1, 2, 16, 16);
    String one = net.convNormRelu(x, 2, 6, 3, 1, 1);
    String two = net.convNormRelu(net.node(maxPool(), one), 6, 10, 3, 1, 1);
    String three = net.convNormRelu(net.node(maxPool(), two), 10, 14, 3, 1, 1);
    String up = net.relu(net.conv(net.concat(1, net.up(three, 14, 10), two), 20, 9));
    up = net.relu(net.conv(net.concat(1, one, net.up(up, 9, 6)), 12, 8));
    return net.build(net.point(up, 8, 3));
  }

  private static Graph pyramid(NetBuilder net) {
    String x = net.input(1, 2, 16, 16);
    String one = net.relu(net.conv(x, 2, 6, 3, 2, 1));
    String two = net.relu(net.conv(one, 6, 10, 3, 2, 1));
    String lateral = net.point(one, 6, 8);
    String top = net.point(two, 10, 8);
    String resized =
        net.node(
            Resize.of(Resize.Mode.NEAREST, Resize.Coordinates.ASYMMETRIC, Resize.NearestMode.FLOOR),
            top,
            "",
            net.constant(Tensor.of(new float[] {1, 1, 2, 2})));
    String sized =
        net.node(
            Resize.of(Resize.Mode.LINEAR, Resize.Coordinates.HALF_PIXEL, Resize.NearestMode.FLOOR),
            top,
            "",
            "",
            net.longs(1, 8, 8, 8));
    String sum = net.add(lateral, resized);
    return net.build(net.point(net.relu(net.concat(1, sum, sized)), 16, 3));
  }

  private static String attend(
      NetBuilder net, String q, String k, String v, int length, int heads, int size) {
    String[] apart = {q, k, v};
    for (int i = 0; i < 3; i++) {
      apart[i] = net.reshape(apart[i], 2, length, heads, size);
      apart[i] = i == 1 ? net.transpose(apart[i], 0, 2, 3, 1) : net.transpose(apart[i], 0, 2, 1, 3);
    }
    String scores = net.node(new MatMul(), apart[0], apart[1]);
    scores = net.mul(scores, net.constant(Tensor.scalar(0.5f)));
    String mixed = net.node(new MatMul(), net.node(new Softmax(-1), scores), apart[2]);
    return net.reshape(net.transpose(mixed, 0, 2, 1, 3), 2, length, (long) heads * size);
  }

  private static Graph transformer(NetBuilder net, boolean fused) {
    String x = net.linear(net.input(2, 5, 6), 6, 16);
    String n = net.layerNorm(x, 16);
    String mixed;
    if (fused) {
      List<String> parts = net.split(net.linear(n, 16, 72), 2, 24, 24, 24);
      mixed = attend(net, parts.get(0), parts.get(1), parts.get(2), 5, 4, 6);
    } else {
      mixed =
          attend(net, net.linear(n, 16, 24), net.linear(n, 16, 24), net.linear(n, 16, 24), 5, 4, 6);
    }
    x = net.add(x, net.linear(mixed, 24, 16));
    n = net.layerNorm(x, 16);
    String hidden = net.node(new Gelu(false), net.linear(n, 16, 40));
    x = net.layerNorm(net.add(x, net.linear(hidden, 40, 16)), 16);
    String mean = net.node(new ReduceMean(false, false), x, net.longs(1));
    return net.build(net.dense(mean, 16, 5));
  }

  /** The fused projection of vision libraries: [batch, length, 3, heads, size], picked apart. */
  private static Graph fiveDimensions(NetBuilder net) {
    String x = net.linear(net.input(2, 5, 6), 6, 16);
    String all = net.reshape(net.linear(net.layerNorm(x, 16), 16, 60), 2, 5, 3, 4, 5);
    all = net.transpose(all, 2, 0, 3, 1, 4);
    String[] parts = new String[3];
    for (int i = 0; i < 3; i++) {
      parts[i] = net.node(new Gather(0), all, net.constant(Tensor.scalar((long) i)));
    }
    String scores = net.node(new MatMul(), parts[0], net.transpose(parts[1], 0, 1, 3, 2));
    String mixed = net.node(new MatMul(), net.node(new Softmax(-1), scores), parts[2]);
    mixed = net.reshape(net.transpose(mixed, 0, 2, 1, 3), 2, 5, 20);
    return net.build(net.add(x, net.linear(mixed, 20, 16)));
  }

  private static Graph openTransformer(NetBuilder net) {
    String x =
        net.input(
            new TensorType(
                DType.FLOAT32,
                List.of(new Dim.Symbol("batch"), new Dim.Symbol("length"), Dim.of(6))));
    x = net.linear(x, 6, 16);
    String[] parts = new String[3];
    for (int i = 0; i < 3; i++) {
      String part = net.linear(x, 16, 24);
      String shape = net.node(new ShapeOf(0, null), part);
      String[] sizes = new String[2];
      for (int axis = 0; axis < 2; axis++) {
        String size = net.node(new Gather(0), shape, net.constant(Tensor.scalar((long) axis)));
        sizes[axis] = net.node(new Unsqueeze(), size, net.longs(0));
      }
      String target = net.concat(0, sizes[0], sizes[1], net.longs(4), net.longs(6));
      part = net.node(new dev.tinytitan.op.Reshape(false), part, target);
      parts[i] = net.transpose(part, i == 1 ? new int[] {0, 2, 3, 1} : new int[] {0, 2, 1, 3});
    }
    String scores = net.node(new MatMul(), parts[0], parts[1]);
    String mixed = net.node(new MatMul(), net.node(new Softmax(-1), scores), parts[2]);
    mixed = net.reshape(net.transpose(mixed, 0, 2, 1, 3), 0, -1, 24);
    x = net.layerNorm(net.add(x, net.linear(mixed, 24, 16)), 16);
    return net.build(net.linear(net.relu(net.linear(x, 16, 20)), 20, 4));
  }

  private static Graph attentionOperator(NetBuilder net) {
    String x = net.linear(net.input(2, 5, 6), 6, 16);
    String mixed =
        net.node(
            new Attention(true, Float.NaN, 0, 4, 4, 0, 0),
            net.linear(x, 16, 24),
            net.linear(x, 16, 24),
            net.linear(x, 16, 32));
    return net.build(net.linear(mixed, 32, 7));
  }

  private static Graph einsumAttention(NetBuilder net) {
    String x = net.linear(net.input(2, 5, 6), 6, 16);
    String[] parts = new String[3];
    for (int i = 0; i < 3; i++) {
      parts[i] = net.reshape(net.linear(x, 16, 24), 2, 5, 4, 6);
    }
    String scores = net.node(new Einsum("bqhd,bkhd->bhqk"), parts[0], parts[1]);
    scores = net.node(new Softmax(-1), scores);
    String mixed = net.node(new Einsum("bhqk,bkhd->bqhd"), scores, parts[2]);
    return net.build(net.linear(net.reshape(mixed, 2, 5, 24), 24, 7));
  }

  private static Graph visionTransformer(NetBuilder net) {
    String x = net.input(2, 3, 8, 8);
    x = net.node(new Conv(Window.of().withStrides(4, 4), 1), x, net.weights(0.2, 0, 16, 3, 4, 4));
    x = net.transpose(net.reshape(x, 2, 16, 4), 0, 2, 1);
    String token = net.node(new Expand(), net.weights(1, 0, 1, 1, 16), net.longs(2, 1, 16));
    x = net.add(net.concat(1, token, x), net.weights(0.5, 0, 1, 5, 16));
    String n = net.layerNorm(x, 16);
    String mixed =
        attend(net, net.linear(n, 16, 24), net.linear(n, 16, 24), net.linear(n, 16, 24), 5, 4, 6);
    x = net.add(x, net.linear(mixed, 24, 16));
    String hidden = net.node(new Gelu(true), net.linear(net.layerNorm(x, 16), 16, 32));
    x = net.layerNorm(net.add(x, net.linear(hidden, 32, 16)), 16);
    String first = net.node(new Gather(1), x, net.constant(Tensor.scalar(0L)));
    return net.build(net.dense(first, 16, 5));
  }

  private static Graph gated(NetBuilder net) {
    String x = net.linear(net.input(2, 5, 6), 6, 16);
    List<String> halves = net.split(net.linear(x, 16, 48), 2, 24, 24);
    String h = net.mul(halves.get(0), net.node(new Sigmoid(), halves.get(1)));
    String up = net.matMul(x, 16, 20);
    String gate = net.matMul(x, 16, 20);
    String swish = net.mul(gate, net.node(new Sigmoid(), gate));
    x = net.add(net.linear(h, 24, 16), net.matMul(net.mul(swish, up), 20, 16));
    return net.build(net.linear(x, 16, 4));
  }

  private static Graph temporal(NetBuilder net) {
    String x = net.input(1, 4, 20);
    int in = 4;
    for (int dilation = 1; dilation <= 4; dilation *= 2) {
      Window window = Window.of().withDilations(dilation).withPads(2 * dilation, 0);
      String h =
          net.relu(
              net.node(
                  new Conv(window, 1), x, net.weights(0.3, 0, 10, in, 3), net.weights(0.1, 0, 10)));
      x = in == 10 ? net.add(x, h) : h;
      in = 10;
    }
    String pooled = net.node(new GlobalAveragePool(), x);
    return net.build(net.dense(net.node(new Squeeze(), pooled, net.longs(2)), 10, 4));
  }

  private static Graph recurrent(NetBuilder net) {
    String x = net.linear(net.input(6, 2, 5), 5, 8);
    List<String> both =
        net.nodes(
            new LSTM(Recurrences.lstm(9, true), false),
            3,
            x,
            net.weights(0.3, 0, 2, 36, 8),
            net.weights(0.3, 0, 2, 36, 9),
            net.weights(0.3, 0, 2, 72));
    String h = net.reshape(net.transpose(both.get(0), 0, 2, 1, 3), 6, 2, 18);
    List<String> one =
        net.nodes(
            new GRU(Recurrences.gru(7), false),
            2,
            h,
            net.weights(0.3, 0, 1, 21, 18),
            net.weights(0.3, 0, 1, 21, 7),
            net.weights(0.3, 0, 1, 42));
    h = net.node(new Squeeze(), one.get(0), net.longs(1));
    List<String> last =
        net.nodes(
            new RNN(Recurrences.rnn(6)),
            2,
            h,
            net.weights(0.3, 0, 1, 6, 7),
            net.weights(0.3, 0, 1, 6, 6));
    return net.build(net.linear(net.node(new Squeeze(), last.get(1), net.longs(0)), 6, 3));
  }

  private static Graph groupNorm(NetBuilder net) {
    String x = net.conv(net.input(2, 3, 6, 6), 3, 16);
    x =
        net.relu(
            net.node(
                new GroupNormalization(4, 1e-5f, DType.FLOAT32),
                x,
                net.weights(0.2, 1, 16),
                net.weights(0.2, 0, 16)));
    return net.build(net.head(net.relu(net.conv(x, 16, 10)), 10, 5));
  }

  private static Graph slices(NetBuilder net) {
    String x = net.conv(net.input(2, 3, 6, 6), 3, 20);
    x = net.node(new PRelu(), x, net.weights(0.1, 0.2, 20, 1, 1));
    String a = net.slice(x, 1, 0, 8);
    String b = net.slice(x, 1, 8, Long.MAX_VALUE);
    String h = net.concat(1, net.relu(net.conv(b, 12, 10)), a);
    return net.build(net.head(net.conv(h, 18, 8), 8, 5));
  }

  private static Graph depthToSpace(NetBuilder net) {
    String x = net.relu(net.conv(net.input(1, 2, 8, 8), 2, 16));
    String up = net.relu(net.node(new DepthToSpace(2, true), x));
    String h = net.relu(net.conv(up, 4, 6));
    String down = net.node(new SpaceToDepth(2), h);
    String other = net.node(new DepthToSpace(2, false), net.conv(down, 24, 12));
    return net.build(net.conv(other, 3, 2));
  }

  private static Graph twoHeads(NetBuilder net) {
    String x = net.relu(net.conv(net.input(1, 3, 8, 8), 3, 12));
    String trunk = net.relu(net.conv(x, 12, 16));
    String classes = net.head(trunk, 16, 4);
    String places = net.node(new Sigmoid(), net.point(net.conv(trunk, 16, 8), 8, 2));
    return net.build(classes, places);
  }

  private static Graph sharedWeights(NetBuilder net) {
    String x = net.relu(net.linear(net.input(2, 6), 6, 12));
    String w = net.weights(0.3, 0, 12, 12);
    for (int i = 0; i < 3; i++) {
      x = net.node(new Tanh(), net.node(new MatMul(), x, w));
    }
    return net.build(net.linear(x, 12, 4));
  }

  private static Graph gathered(NetBuilder net) {
    String x = net.relu(net.conv(net.input(1, 3, 6, 6), 3, 10));
    String turned = net.node(new Gather(1), x, net.longs(9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
    String cast = net.node(new Cast(DType.FLOAT32), net.conv(turned, 10, 8));
    return net.build(net.head(net.add(net.point(x, 10, 8), cast), 8, 4));
  }

  private static Graph highway(NetBuilder net) {
    String x = net.relu(net.linear(net.input(2, 6), 6, 12));
    String gate = net.node(new Sigmoid(), net.linear(x, 12, 12));
    String one = net.constant(Tensor.scalar(1f));
    String rest = net.node(new dev.tinytitan.op.Sub(), one, gate);
    String h = net.node(new Tanh(), net.linear(x, 12, 12));
    return net.build(net.linear(net.add(net.mul(gate, h), net.mul(rest, x)), 12, 4));
  }

  private static Graph channelsLast(NetBuilder net) {
    String x = net.transpose(net.input(1, 8, 8, 3), 0, 3, 1, 2);
    String h = net.relu(net.conv(x, 3, 12));
    h = net.transpose(h, 0, 2, 3, 1);
    h = net.add(h, net.weights(0.3, 0, 12));
    h = net.node(new ReduceMean(false, false), h, net.longs(1, 2));
    return net.build(net.dense(net.node(new Concat(-1), h, h), 24, 5));
  }

  /** Inputs for a graph, from a seed. */
  static Map<String, Tensor> inputs(Graph graph) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    graph
        .inputs()
        .forEach(input -> inputs.put(input.name(), sample(input.tensorType(), 1 + inputs.size())));
    return inputs;
  }

  /** A tensor for an input of a graph, from a seed; open dimensions are 3. */
  static Tensor sample(TensorType type, long seed) {
    int[] dims =
        type.knownDims().stream().mapToInt(dim -> dim.isFixed() ? dim.size() : 3).toArray();
    java.util.Random random = new java.util.Random(seed);
    float[] values = new float[Shape.of(dims).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(values, dims);
  }
}
