package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tinytitan.Session;
import dev.tinytitan.cli.demo.VisionDemo;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.search.SearchListener;
import dev.tinytitan.compress.search.SearchResult;
import dev.tinytitan.data.Npz;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompressTest {
  @TempDir private Path folder;

  @Test
  void searchesReportsAndRepeatsToTheByte() throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    Path data = TinyData.save(folder, 900);
    Path small = folder.resolve("small.onnx");
    Path report = folder.resolve("report.html");

    Titan.Result result =
        Titan.run(
            "compress",
            model,
            "-o",
            small,
            "--data",
            data,
            "--max-drop",
            "6%",
            "--trials",
            3,
            "--report",
            report,
            "--json");

    assertThat(result.code()).as(result.err()).isZero();
    JsonNode json = new ObjectMapper().readTree(result.out());
    assertThat(json.path("verdict").asText()).isEqualTo("holds");
    assertThat(json.path("trials")).hasSize(3);
    assertThat(json.path("result").path("bytes").asLong())
        .isEqualTo(Files.size(small))
        .isLessThan(Files.size(model));
    assertThat(json.path("judged").path("bound").asDouble()).isLessThanOrEqualTo(6);
    assertThat(folder.resolve("small.onnx.work")).doesNotExist();
    assertThat(Files.readString(report))
        .contains("Accuracy against size", "Every trial", "Layer by layer", "How it was made");

    Path again = folder.resolve("again.onnx");
    Titan.Result repeated =
        Titan.run(
            "compress",
            model,
            "-o",
            again,
            "--data",
            data,
            "--recipe",
            folder.resolve("small.recipe.json"));
    assertThat(repeated.code()).as(repeated.err()).isZero();
    assertThat(repeated.err()).doesNotContain("may differ");
    assertThat(again).hasSameBinaryContentAs(small);
    assertThat(repeated.out()).contains("judged:   accuracy", "on 180 samples that no step saw");
  }

  @Test
  void aRecipeOfOnesOwnMayTrainOnMoreOfTheData() throws IOException {
    Path recipe = folder.resolve("own.recipe.json");
    Files.writeString(
        recipe,
        """
        {"recipe": 1, "trainingShare": 0.8, "steps": [
          {"step": "distill", "epochs": 1, "averaging": 0.5, "augment": ["noise"]},
          {"step": "quantize"}]}
        """);
    Titan.Result result =
        compress("--recipe", recipe, "--json", "--teacher", TinyModels.saveClassifier(folder));
    assertThat(result.code()).as(result.err()).isZero();
    JsonNode json = new ObjectMapper().readTree(result.out());
    assertThat(json.path("judged").path("samples").asInt()).isEqualTo(60);
    assertThat(json.path("words").asText()).contains("with samples changed by noise");
    assertThat(compress("--teacher", recipe).err()).contains("--teacher goes with --recipe");
  }

  @Test
  void printsTrialsAndTheResult() throws IOException {
    Titan.Result result =
        Titan.run(
            "compress",
            TinyModels.saveClassifier(folder),
            "-o",
            folder.resolve("small.onnx.zip"),
            "--data",
            TinyData.save(folder, 900),
            "--max-drop",
            6,
            "--trials",
            1,
            "--keep-work");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out())
        .contains(
            "540 samples to train and calibrate with, 180 to choose by, 180 to judge by",
            "trial 1: int8;",
            "The budget is held",
            "small.recipe.json");
    assertThat(folder.resolve("small.onnx.zip.work").resolve("trial-0001.json")).exists();
  }

  @Test
  void aDryRunSaysWhatWouldBeDoneAndWritesNothing() throws IOException {
    Path out = folder.resolve("small.onnx");
    List<Object> command =
        List.of(
            "compress",
            TinyModels.saveClassifier(folder),
            "-o",
            out,
            "--data",
            TinyData.save(folder, 900),
            "--max-drop",
            6,
            "--dry-run");
    Titan.Result result = Titan.run(command.toArray());
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out())
        .contains(
            "540 samples to train and calibrate with, 180 to choose by, 180 to judge by",
            "accuracy may be worse by 6.000 percentage points, at 95 % confidence",
            "int8 w4 gptq",
            "prune to 50 % → distill 30 epochs → int8",
            "Nothing was written.");
    assertThat(out).doesNotExist();
    assertThat(folder.resolve("small.onnx.work")).doesNotExist();
    List<Object> machine = new ArrayList<>(command);
    machine.add("--json");
    JsonNode json = new ObjectMapper().readTree(Titan.run(machine.toArray()).out());
    assertThat(json.path("first")).hasSize(14);
    assertThat(json.path("first").get(0).path("bytes").asLong())
        .isLessThan(json.path("original").path("bytes").asLong());
    assertThat(json.path("hashes").path("judging").asText()).hasSize(64);
  }

  @Test
  void rareClassesHaveABudgetOfTheirOwn() throws IOException {
    Titan.Result result = compress("--metric", "f1", "--max-drop", 20, "--trials", 1, "--json");
    assertThat(result.code()).as(result.err()).isZero();
    JsonNode json = new ObjectMapper().readTree(result.out());
    assertThat(json.path("metric").asText()).isEqualTo("macro F1");
    assertThat(json.path("judged").path("after").asDouble()).isBetween(50.0, 100.0);
    assertThat(json.path("judged").path("bound").asDouble()).isBetween(0.0, 20.0);
  }

  /** Values to be predicted: the scores of the model itself, with noise. */
  private Path values() {
    Random random = new Random(5);
    int size = 400;
    float[] x = new float[size * TinyModels.WIDTH];
    float[] y = new float[size * TinyModels.CLASSES];
    try (Session session = TinyModels.classifier().open()) {
      for (int i = 0; i < size; i++) {
        float[] row = new float[TinyModels.WIDTH];
        for (int j = 0; j < row.length; j++) {
          row[j] = (float) random.nextGaussian();
        }
        System.arraycopy(row, 0, x, i * row.length, row.length);
        float[] scores =
            session.run(Map.of("x", Tensor.of(row, 1, row.length))).get("scores").toFloatArray();
        for (int j = 0; j < scores.length; j++) {
          y[i * scores.length + j] = scores[j] + 0.2f * (float) random.nextGaussian();
        }
      }
    }
    Path file = folder.resolve("values.npz");
    Npz.write(
        file,
        Map.of(
            "x", Tensor.of(x, size, TinyModels.WIDTH),
            "y", Tensor.of(y, size, TinyModels.CLASSES)));
    return file;
  }

  @Test
  void valuesToBePredictedAreJudgedByTheirError() throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    Path small = folder.resolve("small.onnx");
    Path report = folder.resolve("report.html");
    Titan.Result result =
        Titan.run(
            "compress",
            model,
            "--data",
            values(),
            "-o",
            small,
            "--max-drop",
            "20%",
            "--trials",
            8,
            "--report",
            report,
            "--json");
    assertThat(result.code()).as(result.err()).isZero();
    JsonNode json = new ObjectMapper().readTree(result.out());
    assertThat(json.path("metric").asText()).isEqualTo("RMSE");
    double before = json.path("judged").path("before").asDouble();
    assertThat(before).isBetween(0.18, 0.22);
    assertThat(json.path("maxDrop").asDouble()).isBetween(0.18 * 0.2, 0.22 * 0.2);
    assertThat(json.path("judged").path("after").asDouble()).isBetween(before - 0.01, 1.2 * before);
    // Recipes that train do so on targets, and are tried.
    assertThat(json.path("trials").findValuesAsText("status")).doesNotContain("failed");
    assertThat(Files.readString(report)).contains("RMSE against size");
    JsonNode evaluated =
        new ObjectMapper()
            .readTree(Titan.run("eval", model, "--vs", small, "--data", values(), "--json").out());
    assertThat(evaluated.path("metric").asText()).isEqualTo("rmse");
    assertThat(evaluated.path("models").get(0).path("rmse").path("value").asDouble())
        .isBetween(0.18, 0.22);
    assertThat(Titan.run("eval", model, "--data", values(), "--metric", "mae").out())
        .contains("MAE", "0.1");
  }

  @Test
  void aBudgetThatNobodyCouldShowToHoldIsSaidAtOnce() throws IOException {
    Titan.Result result = compress("--max-drop", "0.5%");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .contains(
            "cannot be shown at 95 % confidence on the 60 samples", "Give data with at least");
    assertThat(folder.resolve("small.onnx")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--max-drop -1 | --max-drop must be a number of 0 or more, such as 0.5%, not -1.",
        "--max-drop much | --max-drop must be a number of 0 or more",
        "--minutes 0 | --minutes must be more than 0, not 0.0.",
        "--trials 0 | --trials must be at least 1, not 0.",
        "--recipe none.json | There is no recipe"
      })
  void optionsThatCannotBeAreSaid(String options, String message) throws IOException {
    Titan.Result result = compress((Object[]) options.split(" ", -1));
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains(message);
  }

  @Test
  void whatCannotBeMinimizedIsWrongUsage() throws IOException {
    Titan.Result result = compress("--minimize", "beauty");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("'beauty' cannot be minimized; size, latency, energy can");
  }

  @Test
  void dataOfOneClassAreRefused() throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    Path data = folder.resolve("one.npz");
    int size = 300;
    Npz.write(
        data,
        Map.of(
            "x",
            Tensor.of(new float[size * TinyModels.WIDTH], size, TinyModels.WIDTH),
            "y",
            Tensor.of(new long[size], size)));
    Titan.Result result =
        Titan.run("compress", model, "-o", folder.resolve("s.onnx"), "--data", data);
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("All samples are of class 0");
  }

  @Test
  void numbersThatAreNotFiniteAreRefused() throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    Path data = folder.resolve("nan.npz");
    int size = 300;
    float[] x = new float[size * TinyModels.WIDTH];
    x[5] = Float.NaN;
    long[] y = new long[size];
    for (int i = 0; i < size; i++) {
      y[i] = i % TinyModels.CLASSES;
    }
    Npz.write(data, Map.of("x", Tensor.of(x, size, TinyModels.WIDTH), "y", Tensor.of(y, size)));
    Titan.Result result =
        Titan.run(
            "compress", model, "-o", folder.resolve("s.onnx"), "--data", data, "--max-drop", 9);
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("NaN");
  }

  @Test
  void visionDemoShowsImagesWithBothAnswers() throws IOException {
    VisionDemo.Settings settings =
        new VisionDemo.Settings(
            Path.of("synthetic:glyphs:900"), List.of(), 900, 1, 30, Duration.ofMinutes(3), 1);
    VisionDemo.Outcome outcome =
        VisionDemo.run(
            folder.resolve("new"), settings, Progress.NONE, options -> SearchListener.SILENT);
    assertThat(outcome.result().verdict()).isNotEqualTo(SearchResult.Verdict.NOTHING);
    assertThat(Files.size(outcome.after())).isLessThan(Files.size(outcome.before()));
    assertThat(Files.readString(outcome.report()))
        .contains("Before and after", "data:image/png;base64,", "truth: ");
  }

  /** Compresses the classifier with 300 samples. */
  private Titan.Result compress(Object... options) throws IOException {
    List<Object> arguments = new ArrayList<>();
    arguments.addAll(
        List.of(
            "compress",
            TinyModels.saveClassifier(folder),
            "-o",
            folder.resolve("small.onnx"),
            "--data",
            TinyData.save(folder, 300)));
    arguments.addAll(List.of(options));
    return Titan.run(arguments.toArray());
  }
}
