package dev.tinytitan.surroundings;

import dev.tinytitan.Model;
import dev.tinytitan.SharedData;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Flatten;
import dev.tinytitan.op.GlobalAveragePool;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Models that the tests of this package make, so that they run without the shared folder too. */
final class TestModels {
  private static final int CHANNELS = 16;

  private TestModels() {}

  /** A small depthwise-separable network in float32: [1, 3, 12, 12] to 10 probabilities. */
  static Model floats() {
    Random random = new Random(11);
    Graph graph =
        Graph.builder("floats")
            .input("x", TensorType.of(DType.FLOAT32, Shape.of(1, 3, 12, 12)))
            .initializer("w1", weights(random, CHANNELS, 3, 3, 3))
            .initializer("b1", weights(random, CHANNELS))
            .initializer("w2", weights(random, CHANNELS, 1, 3, 3))
            .initializer("w3", weights(random, CHANNELS, CHANNELS, 1, 1))
            .initializer("w4", weights(random, CHANNELS, 10))
            .initializer("b4", weights(random, 10))
            .node(conv(2, 1), List.of("x", "w1", "b1"), "c1")
            .node(new Relu(), List.of("c1"), "r1")
            .node(conv(1, CHANNELS), List.of("r1", "w2"), "c2")
            .node(new Relu(), List.of("c2"), "r2")
            .node(new Conv(Window.of(), 1), List.of("r2", "w3"), "c3")
            .node(new Add(), List.of("c3", "r1"), "s3")
            .node(new GlobalAveragePool(), List.of("s3"), "p")
            .node(new Flatten(1), List.of("p"), "f")
            .node(new MatMul(), List.of("f", "w4"), "m")
            .node(new Add(), List.of("m", "b4"), "logits")
            .node(new Softmax(-1), List.of("logits"), "y")
            .output("y", TensorType.of(DType.FLOAT32, Shape.of(1, 10)))
            .build();
    return Model.of(graph, ModelInfo.of(17));
  }

  /** Quantized convolutions and a matrix product in QDQ form: [1, 3, 12, 12] to 10 steps, uint8. */
  static Model integers() {
    Random random = new Random(12);
    Graph.Builder graph =
        Graph.builder("integers").input("x", TensorType.of(DType.FLOAT32, Shape.of(1, 3, 12, 12)));
    grid(graph, "x", 0.03f, 128);
    grid(graph, "c1", 0.02f, 0);
    grid(graph, "c2", 0.05f, 100);
    grid(graph, "p", 0.02f, 100);
    grid(graph, "m", 0.05f, 120);
    integerWeights(graph, random, "w1", 0.01f, CHANNELS, 3, 3, 3);
    integerWeights(graph, random, "w2", 0.02f, CHANNELS, 1, 3, 3);
    integerWeights(graph, random, "w4", 0.02f, CHANNELS, 10);
    requantize(graph, "x", "x");
    graph.node(conv(1, 1), List.of("x_d", "w1"), "c1");
    graph.node(new Relu(), List.of("c1"), "r1");
    requantize(graph, "r1", "c1");
    graph.node(conv(2, CHANNELS), List.of("r1_d", "w2"), "c2");
    requantize(graph, "c2", "c2");
    graph.node(new GlobalAveragePool(), List.of("c2_d"), "p");
    requantize(graph, "p", "p");
    graph.node(new Flatten(1), List.of("p_d"), "f");
    graph.node(new MatMul(), List.of("f", "w4"), "m");
    requantize(graph, "m", "m");
    graph.output("m_q", TensorType.of(DType.UINT8, Shape.of(1, 10)));
    return Model.of(graph.build(), ModelInfo.of(17));
  }

  /** A matrix product whose weights are large enough for the file to be mapped: 2 MiB. */
  static Model mapped() {
    Random random = new Random(13);
    Graph graph =
        Graph.builder("mapped")
            .input("x", TensorType.of(DType.FLOAT32, Shape.of(1, 512)))
            .initializer("w", weights(random, 512, 1024))
            .node(new MatMul(), List.of("x", "w"), "y")
            .output("y", TensorType.of(DType.FLOAT32, Shape.of(1, 1024)))
            .build();
    return Model.of(graph, ModelInfo.of(17));
  }

  /** Nothing but an input that is its own output. */
  static Model empty() {
    TensorType type = TensorType.of(DType.FLOAT32, Shape.of(1, 4));
    return Model.of(
        Graph.builder("empty").input("x", type).output("x", type).build(), ModelInfo.of(17));
  }

  /** A model of the shared folder; empty where that is absent. */
  static Optional<Path> shared(String name) {
    return SharedData.find("models/" + name + ".onnx");
  }

  /** The same model that gives, instead of its outputs, what goes into its softmax. */
  static Model beforeSoftmax(Model model) {
    Graph graph = model.graph();
    Node softmax =
        graph.nodes().stream()
            .filter(node -> node.operator() instanceof Softmax)
            .findFirst()
            .orElseThrow();
    return Model.of(graph.toBuilder().output(softmax.input(0), null).build(), model.info());
  }

  private static Conv conv(int stride, int group) {
    return new Conv(Window.of().withPads(1, 1, 1, 1).withStrides(stride, stride), group);
  }

  private static Tensor weights(Random random, int... dims) {
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (float) random.nextGaussian() / 4);
    }
    return tensor;
  }

  private static void grid(Graph.Builder graph, String name, float scale, int zeroPoint) {
    graph.initializer(name + "_scale", Tensor.scalar(scale));
    graph.initializer(name + "_zero", Tensor.ofUnsigned(new byte[] {(byte) zeroPoint}));
  }

  private static void integerWeights(
      Graph.Builder graph, Random random, String name, float scale, int... dims) {
    Tensor tensor = Tensor.zeros(DType.INT8, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setLong(i, random.nextInt(255) - 127);
    }
    graph.initializer(name + "_q", tensor);
    graph.initializer(name + "_scale", Tensor.scalar(scale));
    graph.node(new DequantizeLinear(0), List.of(name + "_q", name + "_scale"), name);
  }

  private static void requantize(Graph.Builder graph, String value, String grid) {
    List<String> onGrid = List.of(grid + "_scale", grid + "_zero");
    graph.node(new QuantizeLinear(1), List.of(value, onGrid.get(0), onGrid.get(1)), value + "_q");
    graph.node(
        new DequantizeLinear(1), List.of(value + "_q", onGrid.get(0), onGrid.get(1)), value + "_d");
  }
}
