package dev.tinytitan.pass;

import dev.tinytitan.SharedData;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.onnx.OnnxReader;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/** The models that passes are tested on, with small inputs for the interpreter. */
final class RealModels {
  private RealModels() {}

  /** A model of {@code ../shared/models}. */
  static Graph shared(String name) {
    return OnnxReader.read(SharedData.require("models/" + name + ".onnx")).graph();
  }

  /** The sentence encoder all-MiniLM-L6-v2, from its Maven artifact. */
  static Graph miniLm() throws IOException {
    return resource("all-minilm-l6-v2.onnx");
  }

  /** The same, dynamically quantized. */
  static Graph miniLmQuantized() throws IOException {
    return resource("all-minilm-l6-v2-q.onnx");
  }

  private static Graph resource(String name) throws IOException {
    try (InputStream in = RealModels.class.getClassLoader().getResourceAsStream(name)) {
      return OnnxReader.read(Objects.requireNonNull(in, name).readAllBytes()).graph();
    }
  }

  /** Seeded inputs for a model of {@code ../shared/models}. */
  static List<Tensor> inputs(String name, Graph graph) {
    Random random = new Random(42);
    if (name.startsWith("silero")) {
      return List.of(
          PassTester.random(DType.FLOAT32, Shape.of(1, 512), random),
          PassTester.random(DType.FLOAT32, Shape.of(2, 1, 128), random),
          Tensor.scalar(16000L));
    }
    if (name.startsWith("ppocr")) {
      int[] shape = name.contains("det") ? new int[] {1, 3, 64, 96} : new int[] {1, 3, 48, 192};
      return List.of(PassTester.random(DType.FLOAT32, Shape.of(shape), random));
    }
    return PassTester.randomInputs(graph, 42);
  }

  /** Token ids of one short sentence, its mask (the last token hidden) and its types. */
  static List<Tensor> sentence(Graph graph) {
    List<Tensor> inputs = new ArrayList<>();
    graph
        .inputs()
        .forEach(input ->
            inputs.add(
                switch (input.name()) {
                  case "input_ids" -> Tensor.of(new long[] {101, 7592, 2088, 102, 0}, 1, 5);
                  case "attention_mask" -> Tensor.of(new long[] {1, 1, 1, 1, 0}, 1, 5);
                  default -> Tensor.of(new long[5], 1, 5);
                }));
    return inputs;
  }
}
