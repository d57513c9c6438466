package dev.tinytitan.train;

import dev.tinytitan.Model;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.GroupNormalization;
import dev.tinytitan.op.InstanceNormalization;
import dev.tinytitan.op.LayerNormalization;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.RMSNormalization;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Draws the parameters of a model anew, so that it can be trained from the beginning. */
public final class Initialization {
  private static final double EMBEDDING_DEVIATION = 0.02;

  private Initialization() {}

  /**
   * The same model, untrained: weights from a normal distribution of variance 2 / inputs (He et al.
   * 2015), embeddings from a narrow one, biases 0, normalizations that change nothing.
   *
   * @param seed the same seed gives the same weights
   */
  public static Model redrawn(Model model, long seed) {
    Graph graph = model.graph();
    Random random = new Random(seed);
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    Parameters.of(graph)
        .forEach((name, tensor) -> {
          Node node = graph.consumers(name).getFirst();
          initializers.put(
              name,
              tensor.shape().rank() > 1
                  ? drawn(tensor.shape(), deviation(node, tensor.shape()), random)
                  : filled(tensor.shape(), isScale(node, name) ? 1 : 0));
          if (node.operator() instanceof BatchNormalization) {
            initializers.put(node.input(3), filled(tensor.shape(), 0));
            initializers.put(node.input(4), filled(tensor.shape(), 1));
          }
        });
    return Model.of(graph.toBuilder().initializers(initializers).build(), model.info());
  }

  private static boolean isScale(Node node, String name) {
    boolean normalizes =
        switch (node.operator()) {
          case BatchNormalization _,
              LayerNormalization _,
              RMSNormalization _,
              InstanceNormalization _,
              GroupNormalization _ ->
              true;
          default -> false;
        };
    return normalizes && node.input(1).equals(name);
  }

  private static double deviation(Node node, Shape shape) {
    int inputs =
        switch (node.operator()) {
          case Gather _ -> 0;
          case MatMul _ -> shape.dim(shape.rank() - 2);
          case Gemm gemm -> shape.dim(gemm.transB() ? 1 : 0);
          default -> shape.sizeBetween(1, shape.rank());
        };
    return inputs == 0 ? EMBEDDING_DEVIATION : Math.sqrt(2.0 / inputs);
  }

  private static Tensor drawn(Shape shape, double deviation, Random random) {
    Tensor tensor = Tensor.zeros(DType.FLOAT32, shape);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (float) (deviation * random.nextGaussian()));
    }
    return tensor;
  }

  private static Tensor filled(Shape shape, float value) {
    float[] values = new float[shape.size()];
    Arrays.fill(values, value);
    return Tensor.of(values, shape.toArray());
  }
}
