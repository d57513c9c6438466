package dev.tinytitan.compress.quantize;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Flatten;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.GlobalAveragePool;
import dev.tinytitan.op.LayerNormalization;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.MaxPool;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small models with weights from a seed. */
final class TestGraphs {
  private TestGraphs() {}

  static Tensor random(long seed, double scale, int... dims) {
    Random random = new Random(seed);
    float[] values = new float[Shape.of(dims).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return Tensor.of(values, dims);
  }

  /**
   * Conv, depthwise Conv, a residual sum, a pool, Gemm, Softmax: [1, 3, 12, 12] to 10. Node names:
   * conv, depthwise, point, sum, pool, average, flat, dense, output.
   */
  static Model convolutions() {
    Graph graph =
        Graph.builder("convolutions")
            .input("x", TensorType.of(DType.FLOAT32, 1, 3, 12, 12))
            .initializer("conv_w", random(1, 0.3, 16, 3, 3, 3))
            .initializer("conv_b", random(2, 0.2, 16))
            .initializer("depthwise_w", random(3, 0.4, 16, 1, 3, 3))
            .initializer("depthwise_b", random(4, 0.2, 16))
            .initializer("point_w", random(5, 0.3, 16, 16, 1, 1))
            .initializer("dense_w", random(6, 0.5, 10, 16))
            .initializer("dense_b", random(7, 0.2, 10))
            .node(conv(1), List.of("x", "conv_w", "conv_b"), "conv")
            .node(new Relu(), List.of("conv"), "conv_relu")
            .node(conv(16), List.of("conv_relu", "depthwise_w", "depthwise_b"), "depthwise")
            .node(new Relu(), List.of("depthwise"), "depthwise_relu")
            .node(new Conv(Window.of(), 1), List.of("depthwise_relu", "point_w"), "point")
            .node(new Add(), List.of("conv_relu", "point"), "sum")
            .node(new Relu(), List.of("sum"), "sum_relu")
            .node(
                new MaxPool(Window.of(2, 2).withStrides(2, 2), false), List.of("sum_relu"), "pool")
            .node(new GlobalAveragePool(), List.of("pool"), "average")
            .node(new Flatten(1), List.of("average"), "flat")
            .node(new Gemm(1, 1, false, true), List.of("flat", "dense_w", "dense_b"), "dense")
            .node(new Softmax(-1), List.of("dense"), "output")
            .output("output", TensorType.of(DType.FLOAT32, 1, 10))
            .build();
    return Model.of(graph, ModelInfo.of(17));
  }

  private static Conv conv(int group) {
    return new Conv(Window.of().withPads(1, 1, 1, 1), group);
  }

  /** Images for {@link #convolutions}. */
  static Samples images(int count, long seed) {
    return Samples.of(count, i -> Sample.of(Map.of("x", random(seed * 1000 + i, 1, 1, 3, 12, 12))));
  }

  /**
   * A table of 100 words, a normalization, two products and a residual: ids [1, 6] to [1, 6, 64].
   * One channel of the normalization is a hundred times larger than the rest.
   */
  static Model words() {
    float[] gamma = random(8, 0.3, 64).toFloatArray();
    gamma[5] = 100;
    Graph graph =
        Graph.builder("words")
            .input("ids", TensorType.of(DType.INT64, 1, 6))
            .initializer("table", random(9, 1, 100, 64))
            .initializer("gamma", Tensor.of(gamma))
            .initializer("beta", random(10, 0.1, 64))
            .initializer("up_w", random(11, 0.2, 64, 96))
            .initializer("up_b", random(12, 0.1, 96))
            .initializer("down_w", random(13, 0.2, 96, 64))
            .node(new Gather(0), List.of("table", "ids"), "embedded")
            .node(
                new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
                List.of("embedded", "gamma", "beta"),
                "normal")
            .node(new MatMul(), List.of("normal", "up_w"), "up")
            .node(new Add(), List.of("up", "up_b"), "up_biased")
            .node(new Relu(), List.of("up_biased"), "up_relu")
            .node(new MatMul(), List.of("up_relu", "down_w"), "down")
            .node(new Add(), List.of("down", "embedded"), "output")
            .output("output", TensorType.of(DType.FLOAT32, 1, 6, 64))
            .build();
    return Model.of(graph, ModelInfo.of(17));
  }

  /** Ids for {@link #words}. */
  static Samples ids(int count, long seed) {
    return Samples.of(
        count,
        i -> {
          Random random = new Random(seed * 1000 + i);
          return Sample.of(Map.of("ids", Tensor.of(random.longs(6, 0, 100).toArray(), 1, 6)));
        });
  }
}
