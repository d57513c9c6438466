package dev.tinytitan.cli;

import dev.tinytitan.Model;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** Models made on the spot. */
final class TinyModels {
  /** Elements of the classifier's input. */
  static final int WIDTH = 8;

  /** Its classes. */
  static final int CLASSES = 3;

  private static final int HIDDEN = 40;

  private TinyModels() {}

  /** A classifier of two layers: x float32 [1, 8] to scores float32 [1, 3]. */
  static Model classifier() {
    Random random = new Random(1);
    Graph graph =
        Graph.builder("classifier")
            .input("x", TensorType.of(DType.FLOAT32, 1, WIDTH))
            .initializer("w1", weights(random, WIDTH, HIDDEN))
            .initializer("b1", weights(random, HIDDEN))
            .initializer("w2", weights(random, HIDDEN, CLASSES))
            .node(new MatMul(), List.of("x", "w1"), "h")
            .node(new Add(), List.of("h", "b1"), "hidden")
            .node(new Relu(), List.of("hidden"), "relu")
            .node(new MatMul(), List.of("relu", "w2"), "logits")
            .node(new Softmax(-1), List.of("logits"), "scores")
            .output("scores", TensorType.of(DType.FLOAT32, 1, CLASSES))
            .build();
    return Model.of(graph, ModelInfo.of(17));
  }

  /** Saves the classifier. */
  static Path saveClassifier(Path folder) {
    Path file = folder.resolve("classifier.onnx");
    classifier().save(file);
    return file;
  }

  private static Tensor weights(Random random, int... sizes) {
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(sizes));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (float) random.nextGaussian() / 2);
    }
    return tensor;
  }
}
