package dev.tinytitan.bench;

import dev.tinytitan.Model;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.IntegerConv;
import dev.tinytitan.op.IntegerMatMul;
import dev.tinytitan.op.QuantizedOutput;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What the speed of sparse kernels is measured on: int8 models whose weights lose blocks of 1×4
 * along the input's channels, the smallest first, and models of one kind of layer. Accuracy is not
 * looked at here; how a model is pruned well is {@code compress}'s affair.
 */
final class SparseModels {
  private static final int BLOCK = 4;
  private static final int OPSET = 21;

  /** Layers that a model of one kind of layer has. */
  private static final int LAYERS = 8;

  private SparseModels() {}

  /**
   * A model with this part of the blocks of each matrix of int8 weights set to zero; those of
   * depthwise convolutions, with one channel, stay.
   */
  static Model thinned(Model model, double zeros) {
    Graph.Builder graph = model.graph().toBuilder();
    for (Map.Entry<String, Tensor> constant : model.graph().initializers().entrySet()) {
      Tensor tensor = constant.getValue();
      boolean filters = tensor.shape().rank() == 2 || tensor.shape().rank() == 4;
      if (filters && tensor.dtype() == DType.INT8 && tensor.shape().dim(1) >= BLOCK) {
        graph.initializer(constant.getKey(), thinned(tensor, zeros));
      }
    }
    return Model.of(graph.build(), model.info());
  }

  /** Convolutions over 3×3 places with as many filters as channels. */
  static Model conv(int channels, int size, double zeros) {
    Window window = Window.of().withPads(1, 1, 1, 1);
    IntegerConv conv = new IntegerConv(window, 1, 0, QuantizedOutput.of(DType.UINT8, 0));
    Graph.Builder graph =
        Graph.builder("conv")
            .input("x", TensorType.of(DType.UINT8, 1, channels, size, size))
            .initializer("w", thinned(weights(channels, channels, 3, 3), zeros))
            .initializer("scale", Tensor.scalar(1e-4f));
    return repeated(graph, conv);
  }

  /** Products of {@code rows} rows with a square matrix. */
  static Model matmul(int rows, int size, double zeros) {
    IntegerMatMul product = new IntegerMatMul(true, 0, QuantizedOutput.of(DType.UINT8, 0));
    Graph.Builder graph =
        Graph.builder("matmul")
            .input("x", TensorType.of(DType.UINT8, rows, size))
            .initializer("w", thinned(weights(size, size), zeros))
            .initializer("scale", Tensor.scalar(1e-4f));
    return repeated(graph, product);
  }

  /** The same layer over and over, so that bringing in the model's input weighs little. */
  private static Model repeated(Graph.Builder graph, Operator layer) {
    String value = "x";
    for (int i = 0; i < LAYERS; i++) {
      graph.node(layer, List.of(value, "w", "scale"), "y" + i);
      value = "y" + i;
    }
    return Model.of(graph.output(value, null).build(), ModelInfo.of(OPSET));
  }

  private static Tensor weights(int... dims) {
    Random random = new Random(1);
    Tensor weights = Tensor.zeros(DType.INT8, Shape.of(dims));
    for (int i = 0; i < weights.size(); i++) {
      weights.setLong(i, random.nextInt(254) - 127);
    }
    return weights;
  }

  /** The same weights {@code [filter][channel]...} with the smallest blocks set to zero. */
  private static Tensor thinned(Tensor weights, double zeros) {
    int filters = weights.shape().dim(0);
    int channels = weights.shape().dim(1);
    int taps = weights.size() / (filters * channels);
    int perFilter = Math.ceilDiv(channels, BLOCK);
    long[] sums = new long[filters * perFilter * taps];
    for (int i = 0; i < weights.size(); i++) {
      sums[block(i, channels, taps, perFilter)] += Math.abs(weights.getLong(i));
    }
    // Ties by position, so that exactly this part goes.
    Integer[] order = new Integer[sums.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Long.compare(sums[a], sums[b]));
    boolean[] cut = new boolean[sums.length];
    for (int i = 0; i < Math.round(zeros * sums.length); i++) {
      cut[order[i]] = true;
    }
    Tensor thinned = Tensor.zeros(DType.INT8, weights.shape());
    for (int i = 0; i < weights.size(); i++) {
      thinned.setLong(i, cut[block(i, channels, taps, perFilter)] ? 0 : weights.getLong(i));
    }
    return thinned;
  }

  private static int block(int index, int channels, int taps, int perFilter) {
    int tap = index % taps;
    int channel = index / taps % channels;
    int filter = index / taps / channels;
    return (filter * perFilter + channel / BLOCK) * taps + tap;
  }
}
