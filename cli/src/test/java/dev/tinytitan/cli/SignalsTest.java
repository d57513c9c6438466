package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ctrl-C and kill -9, as real signals to real processes: what is done is kept, no half file stays,
 * and what was killed goes on.
 */
class SignalsTest {
  /** What a shell sees of a process that SIGINT ended. */
  private static final int INTERRUPTED = 130;

  /** The same of SIGKILL. */
  private static final int KILLED = 137;

  @TempDir private Path folder;
  private Path model;
  private Path data;
  private Path out;

  @BeforeEach
  void makeModelAndData() {
    model = TinyModels.saveClassifier(folder);
    data = TinyData.save(folder.resolve("data.npz"), 400, TinyModels.WIDTH, (x, y) -> {});
    out = folder.resolve("out.onnx");
  }

  private void assertNoParts() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files.filter(file -> file.toString().endsWith(".part"))).isEmpty();
    }
  }

  /** Interrupts a command once it has printed a line. */
  private String interrupted(String line, Object... command)
      throws IOException, InterruptedException {
    try (TitanProcess process = TitanProcess.start(List.of(command))) {
      process.awaitLine(line);
      process.signal("INT");
      assertThat(process.await()).as(process.output()).isEqualTo(INTERRUPTED);
      assertNoParts();
      return process.output();
    }
  }

  @Test
  void trainKeepsTheBestSoFar() throws IOException, InterruptedException {
    String printed =
        interrupted(
            "epoch 2:", "train", "--arch", "mlp", "--epochs", 100_000, "--data", data, "-o", out);
    assertThat(printed).contains("Stopped at step ", "Kept epoch ", "Wrote ");
    assertThat(Model.load(out).outputs()).hasSize(1);
    assertThat(folder.resolve("out.onnx.checkpoint")).exists();
  }

  @Test
  void distillKeepsTheBestSoFar() throws IOException, InterruptedException {
    String printed =
        interrupted(
            "epoch 1:",
            "distill",
            model,
            "--width",
            0.5,
            "--epochs",
            100_000,
            "--data",
            data,
            "-o",
            out);
    assertThat(printed).contains("Stopped at step ", "Kept epoch ");
    assertThat(Model.load(out).outputs()).hasSize(1);
  }

  @Test
  void compressKeepsTheBestSoFarAndItsTrials() throws IOException, InterruptedException {
    String printed =
        interrupted(
            "trial 1:",
            "compress",
            model,
            "--max-drop",
            60,
            "--minutes",
            60,
            "--data",
            data,
            "-o",
            out);
    assertThat(printed).contains("The budget is held", "written:");
    assertThat(Model.load(out).outputs()).hasSize(1);
    assertThat(folder.resolve("out.recipe.json")).exists();
    assertThat(folder.resolve("out.onnx.work")).isDirectory();
  }

  @Test
  void learnKeepsWhatItHasLearned() throws IOException, InterruptedException {
    Path many = TinyData.save(folder.resolve("many.npz"), 200_000, TinyModels.WIDTH, (x, y) -> {});
    String printed =
        interrupted(
            "160000 samples to learn from",
            "learn",
            model,
            "--budget",
            "256KB",
            "--data",
            many,
            "-o",
            out);
    assertThat(printed).containsPattern("Stopped after \\d+ of 160000 samples").contains("Wrote ");
    assertThat(Model.load(out).outputs()).hasSize(1);
  }

  @Test
  void quantizeLeavesTheOldFile() throws IOException, InterruptedException {
    Files.writeString(out, "the old file");
    Path large = folder.resolve("large.onnx");
    Zoo.build("resnet8", new Zoo.Task(Shape.of(3, 32, 32), 10, true, 0, 1), 1).save(large);
    interrupted(
        "Note: Only 60 samples to calibrate with",
        "quantize",
        large,
        "--rounding",
        "adaround",
        "--data",
        "synthetic:images:120",
        "-o",
        out);
    assertThat(out).hasContent("the old file");
  }

  @Test
  void quantizeKeepsWhatItHasTrained() throws IOException, InterruptedException {
    Path few = TinyData.save(folder.resolve("few.npz"), 100, TinyModels.WIDTH, (x, y) -> {});
    String printed =
        interrupted(
            "Note: Only 80 samples to calibrate with",
            "quantize",
            model,
            "--aware",
            "--epochs",
            1_000_000,
            "--data",
            few,
            "-o",
            out);
    assertThat(printed).contains("written:", "Stopped at step ");
    assertThat(Model.load(out).outputs()).hasSize(1);
  }

  @Test
  void adaptShowsWhatItSaw() throws IOException, InterruptedException {
    Path plain = folder.resolve("plain.onnx");
    Zoo.build("mlp", new Zoo.Task(Shape.of(TinyModels.WIDTH), TinyModels.CLASSES, true, 0, 1), 1)
        .save(plain);
    Titan.Result made =
        Titan.run("compress", plain, "--data", data, "-o", out, "--elastic", "--epochs", 1);
    assertThat(made.code()).as(made.err()).isZero();
    Path report = folder.resolve("report.html");
    String printed =
        interrupted(
            "Running for 3600 s",
            "adapt",
            out,
            "--deadline",
            "1s",
            "--seconds",
            3600,
            "--report",
            report);
    assertThat(printed).contains("Stopped before the end", "late after 10");
    assertThat(report).isNotEmptyFile();
  }

  /** Kills a command once it has printed a line, then runs it again to its end. */
  private String killedAndAgain(String line, List<Object> command)
      throws IOException, InterruptedException {
    try (TitanProcess process = TitanProcess.start(command)) {
      process.awaitLine(line);
      process.signal("KILL");
      assertThat(process.await()).as(process.output()).isEqualTo(KILLED);
    }
    assertThat(out).doesNotExist();
    try (TitanProcess process = TitanProcess.start(command)) {
      assertThat(process.await()).as(process.output()).isZero();
      return process.output();
    }
  }

  @Test
  void killedTrainingGoesOn() throws IOException, InterruptedException {
    Path whole = folder.resolve("whole.onnx");
    List<Object> options =
        List.of(
            "train", "--arch", "mlp", "--epochs", 300, "--averaging", 0.9, "--data", data, "-o");
    String again =
        killedAndAgain("epoch 3:", Stream.concat(options.stream(), Stream.of(out)).toList());
    assertThat(again).contains("All 300 epochs are done").doesNotContain("epoch 2:");
    try (TitanProcess process =
        TitanProcess.start(Stream.concat(options.stream(), Stream.of(whole)).toList())) {
      assertThat(process.await()).as(process.output()).isZero();
    }
    assertThat(out).hasSameBinaryContentAs(whole);
    assertThat(folder.resolve("out.onnx.checkpoint")).doesNotExist();
  }

  @Test
  void killedSearchGoesOn() throws IOException, InterruptedException {
    Path whole = folder.resolve("whole.onnx");
    List<Object> options =
        List.of(
            "compress",
            model,
            "--max-drop",
            60,
            "--trials",
            8,
            "--minutes",
            60,
            "--data",
            data,
            "-o");
    String again =
        killedAndAgain("trial 2:", Stream.concat(options.stream(), Stream.of(out)).toList());
    assertThat(again).contains("trial 1:", "trial 8:", "written:");
    try (TitanProcess process =
        TitanProcess.start(Stream.concat(options.stream(), Stream.of(whole)).toList())) {
      assertThat(process.await()).as(process.output()).isZero();
    }
    assertThat(out).hasSameBinaryContentAs(whole);
    assertThat(folder.resolve("out.onnx.work")).doesNotExist();
  }
}
