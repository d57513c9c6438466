package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantizeTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {"int8", "int8-dynamic", "int8-weights", "int4-weights", "clusters", "fp16"})
  void everySchemeGivesAModelThatAnswersAlike(String scheme) throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    Path data = TinyData.save(folder, 200);
    Path small = folder.resolve("small.onnx");

    Titan.Result result =
        Titan.run("quantize", model, "-o", small, "--data", data, "--scheme", scheme, "--json");

    assertThat(result.code()).as(result.err()).isZero();
    JsonNode json = new ObjectMapper().readTree(result.out());
    assertThat(json.path("scheme").asText()).isEqualTo(scheme);
    assertThat(json.path("bytesAfter").asLong()).isEqualTo(Files.size(small));
    JsonNode evaluation =
        new ObjectMapper()
            .readTree(Titan.run("eval", model, "--vs", small, "--data", data, "--json").out());
    assertThat(evaluation.path("models")).hasSize(2);
    assertThat(evaluation.path("models").get(0).path("accuracy").path("value").asDouble())
        .isEqualTo(0.9);
    assertThat(evaluation.path("pairedDifference").path("value").asDouble()).isBetween(-0.06, 0.06);
  }

  @Test
  void roundsMixesAndArchives() throws IOException {
    Path small = folder.resolve("small.onnx");
    Titan.Result rounded = quantize(120, "--weight-bits", 4, "--rounding", "gptq");
    assertThat(rounded.out()).contains("round by gptq", "bits", "opset");
    Path archive = folder.resolve("small.onnx.zip");
    Titan.Result clustered =
        Titan.run(
            "quantize",
            TinyModels.saveClassifier(folder),
            "-o",
            archive,
            "--scheme",
            "clusters",
            "--clusters",
            8);
    assertThat(clustered.code()).as(clustered.err()).isZero();
    assertThat(clustered.out()).contains("archive:");
    assertThat(Titan.run("inspect", archive).code()).isZero();
    int bytes = 100_000;
    JsonNode json = json(quantize(120, "--scheme", "mixed", "--max-bytes", bytes, "--json"));
    assertThat(Files.size(small)).isLessThanOrEqualTo(bytes);
    assertThat(json.path("layers").get(0).has("weightBits")).isTrue();
    assertThat(json.path("archiveBytesAfter").asLong()).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--weight-bits 5 | --weight-bits must be 8, 4, 3 or 2, not 5.",
        "--weight-bits 4 --scheme int4-weights | --weight-bits goes with --scheme int8",
        "--scheme mixed | --scheme mixed and --max-bytes go together.",
        "--max-bytes 500 | --scheme mixed and --max-bytes go together.",
        "--scheme mixed --max-bytes 500 --max-drop 1 | are two budgets",
        "--scheme clusters --clusters 1 | --clusters must be 2 to 256, not 1.",
        "--scheme fp16 --rounding gptq | goes with schemes of integers",
        "--scheme int4-weights --rounding gptq | give samples with --data"
      })
  void optionsThatDoNotGoTogetherAreSaid(String options, String message) throws IOException {
    assertThat(refused((Object[]) options.trim().split(" ", -1))).contains(message);
  }

  @Test
  void tellsWhatItDidAndReports() throws IOException {
    Path report = folder.resolve("report.html");
    Titan.Result result =
        quantize(100, "--max-drop", "20", "--exclude", "logits", "--report", report);
    assertThat(result.out())
        .contains("SNR dB", "kept: logits, excluded as asked", "size:", "accuracy:", "written:");
    assertThat(Files.readString(report)).contains("excluded as asked", "Layer by layer");
  }

  @Test
  void sameSeedGivesTheSameBytes() throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    Path data = TinyData.save(folder, 60);
    Path one = folder.resolve("one.onnx");
    Path two = folder.resolve("two.onnx");
    for (Path out : new Path[] {one, two}) {
      assertThat(Titan.run("quantize", model, "-o", out, "--data", data, "--seed", 7).code())
          .isZero();
    }
    assertThat(one).hasSameBinaryContentAs(two);
  }

  @Test
  void trainsWhileItRounds() throws IOException {
    Titan.Result result = quantize(300, "--weight-bits", 4, "--aware", "--epochs", 2, "--json");
    assertThat(result.err()).isEmpty();
    JsonNode json = json(result);
    assertThat(json.path("steps").toString()).contains("train with rounded weights");
    assertThat(json.path("evaluation").path("samples").asInt()).isEqualTo(60);
    assertThat(refused("--data", folder.resolve("train.npz"), "--epochs", 2)).contains("--aware");
    assertThat(refused("--aware")).contains("--data");
  }

  @Test
  void codebooksAreTrainedByANamedTeacher() throws IOException {
    Path teacher = TinyModels.saveClassifier(folder);
    JsonNode json =
        json(
            quantize(
                300,
                "--scheme",
                "clusters",
                "--clusters",
                4,
                "--aware",
                "--epochs",
                2,
                "--distill=" + teacher,
                "--json"));
    assertThat(json.path("steps").toString()).contains("train codebooks");
    Path none = folder.resolve("none.onnx");
    assertThat(refused("--data", folder.resolve("train.npz"), "--aware", "--distill", none))
        .contains("none.onnx");
  }

  /** Makes {@code small.onnx} of the classifier, with so many samples; it must succeed. */
  private Titan.Result quantize(int samples, Object... options) throws IOException {
    List<Object> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(List.of("--data", TinyData.save(folder, samples)));
    Titan.Result result = run(arguments);
    assertThat(result.code()).as(result.err()).isZero();
    return result;
  }

  /** What is said of options that cannot be. */
  private String refused(Object... options) throws IOException {
    Titan.Result result = run(List.of(options));
    assertThat(result.code()).isEqualTo(1);
    return result.err();
  }

  private Titan.Result run(List<?> options) throws IOException {
    List<Object> arguments = new ArrayList<>();
    arguments.addAll(List.of("quantize", TinyModels.saveClassifier(folder)));
    arguments.addAll(List.of("-o", folder.resolve("small.onnx")));
    arguments.addAll(options);
    return Titan.run(arguments.toArray());
  }

  private static JsonNode json(Titan.Result result) throws IOException {
    return new ObjectMapper().readTree(result.out());
  }
}
