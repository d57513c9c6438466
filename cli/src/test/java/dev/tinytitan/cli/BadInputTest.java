package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.data.Npz;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is wrong with data, a budget or a training ends commands that train and compress in one
 * sentence and exit code 1, and the file that was there stays as it was.
 */
class BadInputTest {
  private static final int SIZE = 120;
  private static final int WIDTH = TinyModels.WIDTH;

  @TempDir private Path folder;
  private Path model;
  private Path out;

  @BeforeEach
  void saveModel() throws IOException {
    model = TinyModels.saveClassifier(folder);
    out = Files.writeString(folder.resolve("out.onnx"), "the old file");
  }

  private Path data(TinyData.Change change) {
    return TinyData.save(folder.resolve("data.npz"), SIZE, WIDTH, change);
  }

  private Path good(int size) {
    return TinyData.save(folder.resolve("good" + size + ".npz"), size, WIDTH, (x, y) -> {});
  }

  /** Commands that learn from labels, or hold a budget by them. */
  private List<List<Object>> learning(Path data) {
    return List.of(
        List.of("train", model, "--epochs", 1, "--data", data, "-o", out),
        List.of("compress", model, "--max-drop", 60, "--trials", 1, "--data", data, "-o", out),
        List.of("distill", model, "--width", 0.5, "--epochs", 1, "--data", data, "-o", out),
        List.of("prune", model, "--epochs", 1, "--data", data, "-o", out),
        List.of("prune", model, "--sparse", "2:4", "--epochs", 1, "--data", data, "-o", out),
        List.of("quantize", model, "--aware", "--epochs", 1, "--data", data, "-o", out),
        List.of("quantize", model, "--max-drop", 30, "--data", data, "-o", out));
  }

  /** All commands, with those that only look at data. */
  private List<List<Object>> all(Path data) {
    return Stream.concat(
            learning(data).stream(),
            Stream.<List<Object>>of(
                List.of("prune", model, "--data", data, "-o", out),
                List.of("quantize", model, "--data", data, "-o", out)))
        .toList();
  }

  private void assertAllRefused(List<List<Object>> commands, String... parts) {
    for (List<Object> command : commands) {
      assertRefused(command, parts);
    }
  }

  private void assertRefused(List<Object> command, String... parts) {
    Titan.Result result = Titan.run(command.toArray());
    assertThat(result.code()).as("%s%n%s", command, result.err()).isEqualTo(1);
    List<String> sentences =
        result.err().lines().filter(line -> !line.startsWith("Note: ")).toList();
    assertThat(sentences).as("%s", command).singleElement().asString().startsWith("titan: ");
    assertThat(sentences.getFirst()).as("%s", command).contains(parts);
    assertThat(out).as("%s", command).hasContent("the old file");
  }

  private static List<Object> with(List<Object> command, Object... more) {
    List<Object> all = new ArrayList<>(command);
    all.addAll(Arrays.asList(more));
    return all;
  }

  @Test
  void labelsOutOfRange() {
    String classes = "the model knows the classes 0 to 2";
    assertAllRefused(all(data((x, y) -> y[17] = 7)), "sample 17 is 7", classes);
    assertAllRefused(all(data((x, y) -> y[17] = -1)), "sample 17 is -1", classes);
    assertRefused(
        List.of("train", "--arch", "mlp", "--data", data((x, y) -> y[17] = -1), "-o", out),
        "sample 17 is -1; classes are counted from 0");
    assertRefused(
        List.of("train", "--arch", "mlp", "--data", data((x, y) -> y[17] = 70_000), "-o", out),
        "sample 17 is 70000",
        "only 120 samples");
  }

  @Test
  void numbersThatAreNone() {
    assertAllRefused(all(data((x, y) -> x[5 * WIDTH + 3] = Float.NaN)), "ample 5", "NaN");
    assertAllRefused(
        all(data((x, y) -> x[5 * WIDTH + 3] = Float.NEGATIVE_INFINITY)), "ample 5", "-Infinity");
  }

  @Test
  void emptyClass() {
    Path data = data((x, y) -> Arrays.setAll(y, i -> y[i] == 1 ? 0 : y[i]));
    for (String command : List.of("distill", "prune", "compress")) {
      List<Object> line =
          learning(data).stream().filter(each -> each.contains(command)).findFirst().orElseThrow();
      Titan.Result result = Titan.run(line.toArray());
      assertThat(result.code()).as(result.err()).isZero();
      assertThat(result.err()).containsOnlyOnce("Note: No sample is of class 1: ");
    }
    Titan.Result fresh =
        Titan.run("train", "--arch", "mlp", "--epochs", 1, "--data", data, "-o", out);
    assertThat(fresh.code()).isZero();
    assertThat(fresh.err()).contains("class 1: the network gets 3 outputs, of which one learns");
  }

  @Test
  void oneClass() {
    Path data = data((x, y) -> Arrays.fill(y, 1));
    assertAllRefused(learning(data), "All samples are of class 1");
    assertRefused(
        List.of("train", "--arch", "mlp", "--data", data, "-o", out), "All samples are of class 1");
    assertThat(Titan.run("quantize", model, "--data", data, "-o", out).code())
        .as("samples to calibrate with may be of one class")
        .isZero();
  }

  @Test
  void shapesThatDoNotFit() {
    Path narrow = TinyData.save(folder.resolve("narrow.npz"), SIZE, 5, (x, y) -> {});
    assertAllRefused(all(narrow).subList(1, all(narrow).size()), "[5]", "'x'", "float32[1, 8]");
    assertRefused(all(narrow).getFirst(), "5 elements", "the model takes 8");
    Path rows = folder.resolve("rows.npz");
    Npz.write(rows, Map.of("x", Tensor.of(new float[80], 10, 8), "y", Tensor.of(new long[9], 9)));
    assertAllRefused(all(rows), "10 samples", "[9]");
    Path none = folder.resolve("none.npz");
    Npz.write(none, Map.of("x", Tensor.of(new float[0], 0, 8), "y", Tensor.of(new long[0], 0)));
    assertAllRefused(all(none), "no samples");
    Path values = folder.resolve("values.npz");
    Npz.write(
        values, Map.of("x", Tensor.of(new float[160], 20, 8), "y", Tensor.of(new float[20], 20)));
    for (int index : new int[] {0, 2}) {
      assertRefused(
          with(all(values).get(index), "--batch", 4),
          "A target has 1 element",
          "the model gives 3");
    }
  }

  @Test
  void fewSamples() {
    Path few = good(20);
    assertThat(Titan.run("quantize", model, "--data", few, "-o", out).err())
        .contains("Note: Only 10 samples to calibrate with; 100 or more");
    assertThat(Titan.run("prune", model, "--data", few, "-o", out).err())
        .contains("Note: Only 10 samples to judge by what can go; 32 or more");
    assertThat(
            Titan.run("compress", model, "--max-drop", 80, "--trials", 1, "--data", few, "-o", out)
                .err())
        .contains("Note: Only 12 samples to calibrate with; 100 or more");
    assertThat(Titan.run("quantize", model, "--data", good(400), "-o", out).err())
        .doesNotContain("Note:");
  }

  @Test
  void tooFewSamples() {
    Path one = good(1);
    assertRefused(learning(one).get(0), "All samples are of class 1");
    assertRefused(learning(one).get(1), "1 samples in too few groups");
    assertRefused(learning(good(5)).get(6), "at least 6");
    assertRefused(with(learning(good(20)).get(0), "--batch", 64), "18 samples", "batch of 64");
  }

  @Test
  void studentOfAnotherShape() {
    Path wide = folder.resolve("wide.onnx");
    Path narrow = folder.resolve("narrow.onnx");
    Path five =
        TinyData.save(folder.resolve("5.npz"), SIZE, WIDTH, (x, y) -> Arrays.setAll(y, i -> i % 5));
    Path six = TinyData.save(folder.resolve("6.npz"), SIZE, 6, (x, y) -> {});
    for (List<Path> each : List.of(List.of(five, wide), List.of(six, narrow))) {
      Titan.Result made =
          Titan.run(
              "train", "--arch", "mlp", "--epochs", 1, "--data", each.get(0), "-o", each.get(1));
      assertThat(made.code()).isZero();
    }
    assertRefused(
        List.of("distill", model, "--student", wide, "--data", good(SIZE), "-o", out),
        "The teacher's answer to a sample has the shape [3] and the student's [5]");
    assertRefused(
        List.of("distill", model, "--student", narrow, "--data", good(SIZE), "-o", out),
        "A sample has 8 elements",
        "takes 6");
  }

  @Test
  void impossibleBudgets() {
    Path data = good(600);
    assertRefused(
        List.of("compress", model, "--max-drop", "0.01%", "--data", data, "-o", out),
        "cannot be shown at 95 % confidence on the 120 samples",
        "at least 22881 samples",
        "point estimate");
    assertRefused(
        List.of("quantize", model, "--max-drop", 0, "--data", data, "-o", out),
        "Even with all layers in float32");
    assertRefused(
        List.of(
            "quantize", model, "--scheme", "mixed", "--max-bytes", 10, "--data", data, "-o", out),
        "over the 10 allowed");
  }

  @Test
  void targetOutOfReach() {
    Titan.Result result =
        Titan.run("prune", model, "--target-macs", "0.1%", "--data", good(SIZE), "-o", out);
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).startsWith("titan: The target is out of reach");
    assertThat(Titan.run("inspect", out).code()).as("what is closest").isZero();
  }

  @Test
  void divergence() {
    Path data = good(SIZE);
    assertRefused(
        List.of("train", "--arch", "mlp", "--lr", "1e30", "--data", data, "-o", out),
        "The loss became NaN at step 2, in epoch 1",
        "Lower the learning rate",
        "Nothing was written");
    assertRefused(
        List.of("distill", model, "--width", 0.5, "--lr", "1e30", "--data", data, "-o", out),
        "The loss became NaN at step 2, in epoch 1",
        "Nothing was written");
    for (int index : new int[] {3, 4, 5}) {
      Titan.Result result = Titan.run(with(learning(data).get(index), "--lr", "1e30").toArray());
      assertThat(result.code()).as(result.err()).isEqualTo(1);
      assertThat(result.err()).containsPattern("titan: The loss became NaN at step \\d, in epoch");
      assertThat(Titan.run("inspect", out).code()).as("the model before training").isZero();
    }
  }

  /** What was good before the loss went astray is kept. */
  @Test
  void divergenceAfterGoodEpochs() {
    // Steps of SGD without a limit on a loss without a bound: a few epochs are fine, then it grows.
    Path values = folder.resolve("values.npz");
    float[] x = new float[SIZE * WIDTH];
    float[] y = new float[SIZE];
    Random random = new Random(4);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
      y[i / WIDTH] += x[i];
    }
    Npz.write(values, Map.of("x", Tensor.of(x, SIZE, WIDTH), "y", Tensor.of(y, SIZE)));
    Titan.Result result =
        Titan.run(
            "train",
            "--arch",
            "mlp",
            "--optimizer",
            "sgd",
            "--lr",
            0.14,
            "--schedule",
            "constant",
            "--epochs",
            400,
            "--batch",
            8,
            "--data",
            values,
            "-o",
            out);
    assertThat(result.code()).as(result.out()).isEqualTo(1);
    assertThat(result.err()).contains("titan: The loss ", "the best parameters before are kept");
    assertThat(Titan.run("inspect", out).code()).isZero();
  }

  /** Said before hours of work, not behind them. */
  @Test
  void folderThatDoesNotExist() {
    Path nowhere = folder.resolve("none").resolve("out.onnx");
    for (List<Object> command : all(good(SIZE))) {
      List<Object> changed = new ArrayList<>(command);
      changed.set(changed.indexOf(out), nowhere);
      Titan.Result result = Titan.run(changed.toArray());
      assertThat(result.code()).isEqualTo(1);
      assertThat(result.err()).contains("out.onnx' cannot be written: there is no folder");
      assertThat(result.out()).isEmpty();
    }
    assertThat(folder.resolve("none")).doesNotExist();
  }

  @Test
  void numbersOutOfRange() {
    for (String[] wrong :
        new String[][] {
          {"--epochs", "0"}, {"--batch", "0"}, {"--threads", "0"}, {"--lr", "-1"},
          {"--hold-back", "1"}, {"--mixup", "-3"}, {"--smoothing", "1"}, {"--patience", "-1"}
        }) {
      assertRefused(
          List.of("train", "--arch", "mlp", wrong[0], wrong[1], "--data", good(SIZE), "-o", out),
          wrong[0] + " must be ");
    }
    assertRefused(
        List.of("train", "--arch", "mlp", "--engine", "gpu", "--data", good(SIZE), "-o", out),
        "'gpu'",
        "portable");
  }
}
