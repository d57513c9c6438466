package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuantizeTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"int8", "int8-dynamic", "int8-weights", "int4-weights", "fp16"})
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
}
