package dev.tinytitan.examples;

import dev.tinytitan.Model;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Flatten;
import dev.tinytitan.op.GlobalAveragePool;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * A model to try the other examples with, so that they need no download: says whether an image is
 * rather red, green or blue. Input {@code image} float32 [1, 3, 8, 8] from 0 to 1, output {@code
 * scores} float32 [1, 3].
 */
final class ColorModel {
  static final int SIZE = 8;
  static final List<String> LABELS = List.of("red", "green", "blue");

  private ColorModel() {}

  static Model build() {
    float[] weights = {10, 0, 0, 0, 10, 0, 0, 0, 10};
    Graph graph =
        Graph.builder("colors")
            .input("image", TensorType.of(DType.FLOAT32, Shape.of(1, 3, SIZE, SIZE)))
            .initializer("weights", Tensor.of(weights, 3, 3))
            .node(new GlobalAveragePool(), List.of("image"), "mean")
            .node(new Flatten(1), List.of("mean"), "features")
            .node(new MatMul(), List.of("features", "weights"), "logits")
            .node(new Softmax(-1), List.of("logits"), "scores")
            .output("scores", TensorType.of(DType.FLOAT32, Shape.of(1, 3)))
            .build();
    return Model.of(graph, ModelInfo.of(17));
  }

  /** An image of one color, channel by channel. */
  static float[] image(float red, float green, float blue) {
    float[] pixels = new float[3 * SIZE * SIZE];
    for (int i = 0; i < SIZE * SIZE; i++) {
      pixels[i] = red;
      pixels[SIZE * SIZE + i] = green;
      pixels[2 * SIZE * SIZE + i] = blue;
    }
    return pixels;
  }

  /** The label with the highest score. */
  static String label(Tensor scores) {
    int best = 0;
    for (int i = 1; i < scores.size(); i++) {
      if (scores.getFloat(i) > scores.getFloat(best)) {
        best = i;
      }
    }
    return LABELS.get(best);
  }
}
