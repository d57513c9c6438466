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
    Path model = TinyModels.saveClassifier(folder);
    Path data = TinyData.save(folder, 120);
    Path small = folder.resolve("small.onnx");
    Titan.Result rounded =
        Titan.run(
            "quantize",
            model,
            "-o",
            small,
            "--data",
            data,
            "--weight-bits",
            4,
            "--rounding",
            "gptq");
    assertThat(rounded.code()).as(rounded.err()).isZero();
    assertThat(rounded.out()).contains("round by gptq", "bits", "opset");
    Path archive = folder.resolve("small.onnx.zip");
    Titan.Result clustered =
        Titan.run("quantize", model, "-o", archive, "--scheme", "clusters", "--clusters", 8);
    assertThat(clustered.code()).as(clustered.err()).isZero();
    assertThat(clustered.out()).contains("archive:");
    assertThat(Titan.run("inspect", archive).code()).isZero();
    int bytes = 100_000;
    Titan.Result mixed =
        Titan.run(
            "quantize",
            model,
            "-o",
            small,
            "--data",
            data,
            "--scheme",
            "mixed",
            "--max-bytes",
            bytes,
            "--json");
    assertThat(mixed.code()).as(mixed.err()).isZero();
    assertThat(Files.size(small)).isLessThanOrEqualTo(bytes);
    JsonNode json = new ObjectMapper().readTree(mixed.out());
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
    List<Object> arguments = new ArrayList<>();
    arguments.addAll(List.of("quantize", TinyModels.saveClassifier(folder), "-o", "unused.onnx"));
    arguments.addAll(List.of(options.trim().split(" ")));
    Titan.Result result = Titan.run(arguments.toArray());
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains(message);
  }

  @Test
  void tellsWhatItDidAndReports() throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    Path data = TinyData.save(folder, 100);
    Path report = folder.resolve("report.html");

    Titan.Result result =
        Titan.run(
            "quantize",
            model,
            "-o",
            folder.resolve("small.onnx"),
            "--data",
            data,
            "--max-drop",
            "20",
            "--exclude",
            "logits",
            "--report",
            report);

    assertThat(result.code()).as(result.err()).isZero();
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
    Path model = TinyModels.saveClassifier(folder);
    Path data = TinyData.save(folder, 300);
    Path small = folder.resolve("small.onnx");
    Titan.Result result =
        Titan.run(
            "quantize",
            model,
            "-o",
            small,
            "--data",
            data,
            "--weight-bits",
            4,
            "--aware",
            "--epochs",
            2,
            "--json");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).isEmpty();
    JsonNode json = new ObjectMapper().readTree(result.out());
    assertThat(json.path("steps").toString()).contains("train with rounded weights");
    assertThat(json.path("evaluation").path("samples").asInt()).isEqualTo(60);
    assertThat(Titan.run("quantize", model, "-o", small, "--data", data, "--epochs", 2).err())
        .contains("--aware");
    assertThat(Titan.run("quantize", model, "-o", small, "--aware").err()).contains("--data");
  }

  @Test
  void codebooksAreTrainedByANamedTeacher() throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    Path data = TinyData.save(folder, 300);
    Path small = folder.resolve("small.onnx");
    Titan.Result result =
        Titan.run(
            "quantize",
            model,
            "-o",
            small,
            "--data",
            data,
            "--scheme",
            "clusters",
            "--clusters",
            4,
            "--aware",
            "--epochs",
            2,
            "--distill=" + model,
            "--json");
    assertThat(result.code()).as(result.err()).isZero();
    JsonNode json = new ObjectMapper().readTree(result.out());
    assertThat(json.path("steps").toString()).contains("train codebooks");
    assertThat(
            Titan.run(
                    "quantize",
                    model,
                    "-o",
                    small,
                    "--data",
                    data,
                    "--aware",
                    "--distill",
                    folder.resolve("none.onnx"))
                .err())
        .contains("none.onnx");
  }
}
