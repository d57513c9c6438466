package dev.tinytitan.examples;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** Loads a model from a file and runs it once: the three lines of the README. */
public final class Classify {
  private Classify() {}

  /** Classifies one orange image. */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("tinytitan");
    Path file = folder.resolve("colors.onnx");
    try {
      ColorModel.build().save(file);
      System.out.println(classify(file, ColorModel.image(0.9f, 0.5f, 0.1f)));
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }

  static String classify(Path file, float[] pixels) {
    try (Session session = Model.load(file).open()) {
      Tensor image = Tensor.of(pixels, 1, 3, ColorModel.SIZE, ColorModel.SIZE);
      Tensor scores = session.run(Map.of("image", image)).get("scores");
      return ColorModel.label(Objects.requireNonNull(scores, "output 'scores'"));
    }
  }
}
