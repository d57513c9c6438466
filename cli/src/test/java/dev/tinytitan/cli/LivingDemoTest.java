package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tinytitan.Model;
import dev.tinytitan.edge.elastic.ElasticModel;
import dev.tinytitan.edge.learn.ModelDelta;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo of a model that learns and adapts, whole, and what it leaves behind. */
class LivingDemoTest {
  @TempDir private Path folder;

  @Test
  void learnsPersonsForgetsNobodyAndGetsThroughTheDay() throws IOException {
    Titan.Result result = Titan.run("demo", "living", "-o", folder, "--json");

    assertThat(result.code()).as(result.err()).isZero();
    JsonNode json = new ObjectMapper().readTree(result.out());
    assertThat(json.path("trainingBytes").asLong()).isBetween(1L, 128_000L);
    assertThat(json.path("persons")).hasSize(4);
    double before = 0;
    double after = 0;
    for (JsonNode person : json.path("persons")) {
      before += person.path("before").asDouble() / 4;
      after += person.path("after").asDouble() / 4;
      assertThat(person.path("othersAfter").asDouble())
          .as("what persons keep whom the model knew")
          .isGreaterThanOrEqualTo(person.path("othersBefore").asDouble() - 0.03);
    }
    assertThat(1 - after).as("errors left, of %s", 1 - before).isLessThan((1 - before) * 2 / 3);

    assertThat(json.path("points")).hasSize(4);
    assertThat(json.path("switches").asInt()).isGreaterThanOrEqualTo(4);
    assertThat(json.path("late").asDouble()).isLessThan(0.01);
    assertThat(json.path("lateFixed").asDouble()).isGreaterThan(0.1);
    assertThat(json.path("right").asDouble()).isGreaterThan(json.path("rightFixed").asDouble());
    assertThat(json.path("energySaved").asDouble()).isBetween(0.2, 0.99);

    Model general = Model.load(Path.of(json.path("model").asText()));
    ModelDelta delta = ModelDelta.read(Path.of(json.path("delta").asText()));
    Model personal = delta.apply(general);
    assertThat(personal.graph()).isNotEqualTo(general.graph());
    assertThat(delta.undo(personal).graph()).isEqualTo(general.graph());
    assertThat(json.path("deltaBytes").asInt()).isLessThan(4000);
    assertThat(ElasticModel.load(folder.resolve("activity.onnx")).points()).hasSize(4);
    assertThat(folder.resolve("living.html"))
        .content()
        .contains(
            "for persons it knew",
            "Memory, planned before the first step",
            "Points over time",
            "Switches",
            "the battery is at",
            "energy saved in the day");
  }
}
