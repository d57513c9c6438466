package dev.tinytitan.cli;

import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.data.Npz;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Data made on the spot for {@link TinyModels}. */
final class TinyData {
  private TinyData() {}

  /**
   * Random samples with the classes that the float model sees in them, but for every tenth: x
   * float32 [size, 8], y int64 [size].
   */
  static Path save(Path folder, int size) {
    Random random = new Random(2);
    float[] x = new float[size * TinyModels.WIDTH];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    Tensor samples = Tensor.of(x, size, TinyModels.WIDTH);
    long[] y = new long[size];
    try (Session session =
        TinyModels.classifier().open(SessionOptions.defaults().withEngine("reference"))) {
      for (int i = 0; i < size; i++) {
        float[] row = new float[TinyModels.WIDTH];
        System.arraycopy(x, i * row.length, row, 0, row.length);
        Tensor scores = session.run(Map.of("x", Tensor.of(row, 1, row.length))).get("scores");
        int wrong = i % 10 == 9 ? 1 : 0;
        int label = (greatest(scores) + wrong) % TinyModels.CLASSES;
        y[i] = label;
      }
    }
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    arrays.put("x", samples);
    arrays.put("y", Tensor.of(y, size));
    Path file = folder.resolve("train.npz");
    Npz.write(file, arrays);
    return file;
  }

  /** What is done to good data, to spoil them. */
  @FunctionalInterface
  interface Change {
    /** Changes samples, rows of {@code width}, and their classes. */
    void apply(float[] x, long[] y);
  }

  /**
   * Random samples of three classes that the first number of each tells, then changed: x float32
   * [size, width], y int64 [size].
   */
  static Path save(Path file, int size, int width, Change change) {
    Random random = new Random(2);
    float[] x = new float[size * width];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    long[] y = new long[size];
    for (int i = 0; i < size; i++) {
      y[i] = x[i * width] > 0.4f ? 2 : x[i * width] < -0.4f ? 0 : 1;
    }
    change.apply(x, y);
    Npz.write(file, Map.of("x", Tensor.of(x, size, width), "y", Tensor.of(y, size)));
    return file;
  }

  private static int greatest(Tensor scores) {
    int best = 0;
    for (int i = 1; i < scores.size(); i++) {
      best = scores.getFloat(i) > scores.getFloat(best) ? i : best;
    }
    return best;
  }
}
