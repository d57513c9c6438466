package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tinytitan.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo, whole, and what it leaves behind; it takes a while. */
class DemoTest {
  @TempDir private Path folder;

  @Test
  void makesMiniLmSmallAndKeepsItGood() throws IOException {
    Titan.Result result = Titan.run("demo", "-o", folder, "--json");

    assertThat(result.code()).as(result.err()).isZero();
    JsonNode json = new ObjectMapper().readTree(result.out());
    assertThat(json.path("bytesAfter").asLong()).isBetween(1L, 23_500_000L);
    assertThat(json.path("sentences").asInt()).isGreaterThanOrEqualTo(500);
    assertThat(json.path("meanCosine").path("value").asDouble()).isGreaterThanOrEqualTo(0.99);
    assertThat(json.path("leastCosine").asDouble()).isGreaterThanOrEqualTo(0.97);
    assertThat(json.path("latencies")).hasSizeGreaterThanOrEqualTo(2);

    String report = Files.readString(folder.resolve("report.html"));
    assertThat(report).contains("all-MiniLM-L6-v2", "Latency", "Search, before and after");

    Path small = folder.resolve("minilm-int8.onnx");
    assertThat(Model.load(small).inputs()).hasSize(3);
    Titan.Result run =
        Titan.run("run", small, "--text", "a cat", "--text", "a kitten", "--text", "tax law");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("a kitten", "cosines of embeddings of 384 elements");
  }
}
