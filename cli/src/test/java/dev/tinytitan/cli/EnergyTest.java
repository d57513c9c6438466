package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnergyTest {
  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void save() {
    model = TinyModels.saveClassifier(folder);
  }

  @Test
  void everyFigureIsThereAndSaysWhereItComesFrom() {
    Titan.Result result =
        Titan.run("energy", model, "--seconds", "0.05", "--grid", "FR", "--battery", "1");
    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("energy of an inference", "O + M", "rented core", "battery life", "France")
        .containsPattern("meter +(RAPL|battery|model): ");
  }

  @Test
  void jsonHoldsRanges() throws IOException {
    Titan.Result result = Titan.run("energy", model, "--seconds", "0.05", "--json");
    JsonNode json = new ObjectMapper().readTree(result.out());
    JsonNode joules = json.get("joulesPerInference");
    assertThat(joules.get("low").asDouble()).isPositive();
    assertThat(joules.get("high").asDouble()).isGreaterThan(joules.get("low").asDouble());
    assertThat(json.get("perMillion").get("wattHours").get("value").asDouble())
        .isCloseTo(joules.get("value").asDouble() * 1e6 / 3600, within(1e-9));
    assertThat(json.get("operations").get("floatMultiplyAdds").asLong()).isEqualTo(8 * 40 + 40 * 3);
  }

  @Test
  void wrongOptionsAreExplained() {
    assertThat(Titan.run("energy", model, "--grid", "Atlantis").err()).contains("'Atlantis'");
    assertThat(Titan.run("energy", model, "--lifetime", "0").err()).contains("--lifetime over 0");
    assertThat(
            Titan.run("energy", model, "--battery", "1", "--seconds", "0.05", "--duty", "x").err())
        .contains("'x' is no duty cycle");
  }
}
