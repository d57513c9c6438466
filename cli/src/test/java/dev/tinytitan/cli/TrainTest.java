package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainTest {
  @TempDir Path folder;

  /** Two clouds of points, of three people. */
  private Path points() throws IOException {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder("a,b,person,y\n");
    for (int i = 0; i < 200; i++) {
      int label = i % 2;
      text.append(
          String.format(
              Locale.ROOT,
              "%.4f,%.4f,%d,%d%n",
              2 * label + random.nextGaussian() / 2,
              random.nextGaussian(),
              i % 5,
              label));
    }
    return Files.writeString(folder.resolve("points.csv"), text);
  }

  @Test
  void trainsAndGoesOn() throws IOException {
    String data = points().toString();
    String out = folder.resolve("points.onnx").toString();
    Titan.Result first =
        Titan.run(
            "train",
            "--arch",
            "mlp",
            "--data",
            data,
            "--y",
            "y",
            "--groups",
            "person",
            "-o",
            out,
            "--epochs",
            "4",
            "--batch",
            "8",
            "--lr",
            "0.01");
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.out())
        .contains("160 samples to train with, 40 held back")
        .contains("epoch 4:");

    Titan.Result more =
        Titan.run(
            "train",
            out,
            "--data",
            data,
            "--y",
            "y",
            "--groups",
            "person",
            "-o",
            out,
            "--epochs",
            "1",
            "--json");
    assertThat(more.code()).as(more.err()).isZero();
    assertThat(more.out()).contains("\"metric\" : \"accuracy\"").contains("\"best\" : ");
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    String data = points().toString();
    Titan.Result both = Titan.run("train", "--data", data, "-o", "x.onnx");
    assertThat(both.code()).isEqualTo(1);
    assertThat(both.err()).contains("either a MODEL to go on from, or --arch NAME");
    Titan.Result unknown =
        Titan.run("train", "--arch", "vgg", "--data", data, "--y", "y", "-o", "x.onnx");
    assertThat(unknown.err()).contains("no architecture 'vgg'").contains("resnet8");
    Titan.Result wrong =
        Titan.run("train", "--arch", "resnet8", "--data", data, "--y", "y", "-o", "x.onnx");
    assertThat(wrong.err()).contains("is for images");
  }
}
