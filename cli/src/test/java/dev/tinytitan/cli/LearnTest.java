package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.data.Npz;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearnTest {
  private static final int SIZE = 120;

  @TempDir Path folder;
  private String model;

  /** Two clouds of points; {@code bad} is a sample that holds NaN, -1 for none. */
  private String points(String name, int bad) {
    Random random = new Random(1);
    float[] x = new float[2 * SIZE];
    long[] y = new long[SIZE];
    for (int i = 0; i < SIZE; i++) {
      x[2 * i] = (float) (2 * (i % 2) + random.nextGaussian() / 2);
      x[2 * i + 1] = (float) random.nextGaussian();
      y[i] = i % 2;
    }
    if (bad >= 0) {
      x[2 * bad] = Float.NaN;
    }
    Path file = folder.resolve(name);
    Npz.write(file, Map.of("x", Tensor.of(x, SIZE, 2), "y", Tensor.of(y, SIZE)));
    return file.toString();
  }

  @BeforeEach
  void train() {
    model = folder.resolve("points.onnx").toString();
    Titan.Result result =
        Titan.run(
            "train",
            "--arch",
            "mlp",
            "--data",
            points("points.npz", -1),
            "-o",
            model,
            "--epochs",
            "6",
            "--batch",
            "8",
            "--lr",
            "0.01");
    assertThat(result.code()).as(result.err()).isZero();
  }

  private Titan.Result learn(String data, String budget) {
    return Titan.run(
        "learn",
        model,
        "--data",
        data,
        "--budget",
        budget,
        "--method",
        "last-layer",
        "-o",
        folder.resolve("learned.onnx").toString());
  }

  @Test
  void saysWhatWasLearnedAndWhatItTook() {
    Titan.Result result = learn(points("points.npz", -1), "64KB");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out())
        .contains("Learned last-layer")
        .contains("of a budget of 64KB")
        .contains("Wrote ");
    assertThat(folder.resolve("learned.onnx")).isRegularFile();
  }

  @Test
  void namesTheSampleThatWasRefused() {
    Titan.Result result = learn(points("bad.npz", 7), "64KB");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("Sample 7 (counted from 0)").contains("NaN in element 0");
    assertThat(Files.exists(folder.resolve("learned.onnx"))).isFalse();
  }

  @Test
  void saysTheLeastBudgetThatWorks() {
    Titan.Result result = learn(points("points.npz", -1), "100");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("The least that works is last-layer");
  }
}
