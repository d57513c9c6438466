package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdaptTest {
  @TempDir private Path folder;

  @Test
  void scenariosAreDrawnAndReported() throws IOException {
    Path page = folder.resolve("day.html");
    Titan.Result result = Titan.run("adapt", "--simulate", "day", "--report", page);
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("w100-d3", "slow-down", "oracle", "the battery is at");
    assertThat(page).content().contains("Points over time", "Switches");
    JsonNode json =
        new ObjectMapper().readTree(Titan.run("adapt", "--simulate", "load", "--json").out());
    assertThat(json.get("runs")).hasSize(3);
    assertThat(json.get("runs").get(0).get("misses").asDouble()).isLessThan(0.01);
    assertThat(json.get("switches").get(0).get("reason").asText()).isNotEmpty();
  }

  @Test
  void aModelIsMadeElasticAndRun() throws IOException {
    Path model = folder.resolve("plain.onnx");
    Path elastic = folder.resolve("elastic.onnx");
    Zoo.build("mlp", new Zoo.Task(Shape.of(TinyModels.WIDTH), TinyModels.CLASSES, true, 0, 1), 1)
        .save(model);
    Path data = TinyData.save(folder, 400);
    Titan.Result made =
        Titan.run("compress", model, "--data", data, "-o", elastic, "--elastic", "--epochs", 2);
    assertThat(made.code()).as(made.err()).isZero();
    assertThat(made.out()).contains("w100-d3", "w25-d1", "elastic.elastic.json");
    JsonNode json =
        new ObjectMapper()
            .readTree(
                Titan.run(
                        "adapt",
                        elastic,
                        "--deadline",
                        "1s",
                        "--seconds",
                        0.5,
                        "--rate",
                        40,
                        "--json")
                    .out());
    assertThat(json.get("profiles").size()).isPositive();
    assertThat(json.get("runs").get(0).get("frames").asInt()).isEqualTo(20);
    assertThat(folder.resolve("elastic.profile.json")).exists();
  }

  @Test
  void wrongArgumentsAreExplained() {
    assertThat(Titan.run("adapt").err()).contains("Give a model, or a scenario");
    assertThat(Titan.run("adapt", "--simulate", "storm").err()).contains("scenarios are load");
    assertThat(Titan.run("adapt", TinyModels.saveClassifier(folder)).err())
        .contains("There is no file");
  }

  @Test
  void separateModelsAreASetOrACascade() throws IOException {
    Path data = TinyData.save(folder, 400);
    List<Object> set = new ArrayList<>(List.of("adapt"));
    for (String architecture : List.of("mlp", "lenet300")) {
      Path plain = folder.resolve(architecture + ".onnx");
      Titan.Result trained =
          Titan.run("train", "--arch", architecture, "--data", data, "-o", plain, "--epochs", 3);
      assertThat(trained.code()).as(trained.err()).isZero();
      set.add(plain);
    }
    Titan.Result without = Titan.run(set.toArray());
    assertThat(without.code()).isEqualTo(1);
    assertThat(without.err()).contains("--data");

    set.addAll(List.of("--data", data));
    List<Object> cascade = new ArrayList<>(set);
    set.addAll(List.of("--deadline", "1s", "--seconds", 0.5, "--rate", 40, "--json"));
    JsonNode adapted = new ObjectMapper().readTree(Titan.run(set.toArray()).out());
    assertThat(adapted.get("profiles")).hasSize(2);
    assertThat(adapted.get("runs").get(0).get("frames").asInt()).isEqualTo(20);

    cascade.addAll(List.of("--cascade", 20));
    Titan.Result printed = Titan.run(cascade.toArray());
    assertThat(printed.code()).as(printed.err()).isZero();
    assertThat(printed.out()).contains("without early answers", "at 95 % confidence");
    cascade.add("--json");
    JsonNode json = new ObjectMapper().readTree(Titan.run(cascade.toArray()).out());
    assertThat(json.get("cascade").get("answered")).hasSize(2);
    assertThat(json.get("withoutEarlyAnswers").get("answered").get(1).asDouble()).isEqualTo(1);
    assertThat(json.get("cascade").get("multiplyAdds").asDouble())
        .isLessThan(json.get("withoutEarlyAnswers").get("multiplyAdds").asDouble());
    assertThat(json.get("dropBound").asDouble()).isLessThanOrEqualTo(0.2);
  }
}
