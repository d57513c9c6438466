package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.data.Npz;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DistillTest {
  private static final int SIDE = 8;

  @TempDir Path folder;
  private String teacher = "";
  private String data = "";
  private String unlabelled = "";

  /** Images of 8×8, bright on the left or on the right, and a teacher for them. */
  @BeforeEach
  void teach() {
    Random random = new Random(1);
    int size = 160;
    float[] pixels = new float[size * SIDE * SIDE];
    int[] classes = new int[size];
    for (int i = 0; i < size; i++) {
      classes[i] = i % 2;
      for (int j = 0; j < SIDE * SIDE; j++) {
        boolean bright = (j % SIDE < SIDE / 2) == (classes[i] == 1);
        pixels[i * SIDE * SIDE + j] = (float) ((bright ? 1 : 0) + 0.5 * random.nextGaussian());
      }
    }
    Tensor x = Tensor.of(pixels, size, 1, SIDE, SIDE);
    Path labelled = folder.resolve("data.npz");
    Npz.write(labelled, Map.of("x", x, "y", Tensor.of(classes, size)));
    data = labelled.toString();
    Path plain = folder.resolve("unlabelled.npz");
    Npz.write(plain, Map.of("x", x));
    unlabelled = plain.toString();
    Model fresh = Zoo.build("resnet8", new Zoo.Task(Shape.of(1, SIDE, SIDE), 2, true, 0.5, 0.7), 1);
    Path file = folder.resolve("fresh.onnx");
    fresh.save(file);
    teacher = folder.resolve("teacher.onnx").toString();
    Titan.Result trained =
        Titan.run(
            "train",
            file.toString(),
            "--data",
            data,
            "-o",
            teacher,
            "--epochs",
            "3",
            "--batch",
            "16",
            "--report",
            folder.resolve("teacher.html").toString());
    assertThat(trained.code()).as(trained.err()).isZero();
  }

  private Titan.Result distill(String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("distill", teacher, "--batch", "16", "--epochs", "3"));
    arguments.addAll(List.of(more));
    return Titan.run(arguments.toArray(Object[]::new));
  }

  @Test
  void everyKindOfStudent() throws IOException {
    String out = folder.resolve("student.onnx").toString();
    Path report = folder.resolve("report.html");
    Titan.Result fresh =
        distill(
            "--arch",
            "lenet300",
            "--data",
            data,
            "-o",
            out,
            "--report",
            report.toString(),
            "--augment",
            "shift");
    assertThat(fresh.code()).as(fresh.err()).isZero();
    assertThat(fresh.out())
        .contains("144 samples to train with, 16 held back", "the teacher has ")
        .contains("epoch 3:", "accuracy", "the teacher's", "Wrote ");
    assertThat(Files.readString(report)).contains("the teacher&#39;s", "<polyline", "Accuracy");
    assertThat(Files.readString(folder.resolve("teacher.html"))).contains("<polyline");

    Titan.Result narrow =
        distill("--width", "0.5", "--data", data, "-o", out, "--loss", "soft,features");
    assertThat(narrow.code()).as(narrow.err()).isZero();
    assertThat(Files.size(Path.of(out))).isLessThan(Files.size(Path.of(teacher)) / 3);

    Titan.Result on = distill("--student", out, "--data", data, "-o", out, "--loss", "dkd");
    assertThat(on.code()).as(on.err()).isZero();

    Titan.Result again = distill("--self", "2", "--data", data, "-o", out);
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.out()).contains("epoch 3:");
  }

  @Test
  void needsNoLabels() {
    String out = folder.resolve("student.onnx").toString();
    Titan.Result result =
        distill("--arch", "mlp", "--data", unlabelled, "-o", out, "--json", "--loss", "soft");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out())
        .contains("\"metric\" : \"agreement\"", "\"teacherScore\" : null", "\"history\"");
  }

  @Test
  void saysWhatIsWrong() {
    String out = folder.resolve("student.onnx").toString();
    assertThat(distill("--data", data, "-o", out).err()).contains("Give one student");
    assertThat(distill("--arch", "vgg", "--data", data, "-o", out).err())
        .contains("no architecture 'vgg'");
    assertThat(distill("--width", "2", "--data", data, "-o", out).err())
        .contains("--width must be over 0 and below 1");
    assertThat(distill("--depth", "0.5", "--data", data, "-o", out).err())
        .contains("no layers that follow each other");
    Path other = folder.resolve("other.onnx");
    Zoo.build("mlp", new Zoo.Task(Shape.of(1, SIDE, SIDE), 5, true, 0, 1), 1).save(other);
    Titan.Result misfit = distill("--student", other.toString(), "--data", data, "-o", out);
    assertThat(misfit.code()).isEqualTo(1);
    assertThat(misfit.err()).contains("as many outputs");
  }
}
