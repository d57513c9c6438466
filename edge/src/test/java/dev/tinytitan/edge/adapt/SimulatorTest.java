package dev.tinytitan.edge.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class SimulatorTest {
  @SuppressWarnings("unused") // By the name, in FieldSource.
  private static final java.util.List<String> SCENARIOS = Scenario.NAMES;

  @ParameterizedTest
  @FieldSource("SCENARIOS")
  void nearlyAsGoodAsAnOracle(String name) {
    Simulator.Result result = Simulator.run(Scenario.of(name));
    assertThat(result.adaptive().accuracy()).isGreaterThan(0.98 * result.oracle().accuracy());
    assertThat(result.adaptive().joules())
        .isBetween(0.95 * result.oracle().joules(), 1.05 * result.oracle().joules());
    assertThat(result.adaptive().misses()).isLessThan(0.01);
    assertThat(result.adaptive().changes()).hasSizeLessThan(30);
  }

  @Test
  void theSameScenarioGivesTheSameResult() {
    assertThat(Simulator.run(Scenario.of("day"))).isEqualTo(Simulator.run(Scenario.of("day")));
  }

  @Test
  void steadyConditionsAreNotLeft() {
    for (double load = 0; load < 6; load += 0.25) {
      Scenario scenario =
          Scenario.parse(
              "{seconds: 200, rate: 20, deadline: 25ms, noise: 0.08, signals: {load: {0: "
                  + load
                  + "}}}",
              "steady");
      Timeline timeline = Simulator.run(scenario).adaptive();
      long late = timeline.changes().stream().filter(frame -> frame.time() > 30).count();
      assertThat(late).as("switches after settling at load %s", load).isLessThanOrEqualTo(8);
      assertThat(timeline.misses(20)).as("misses at load %s", load).isLessThanOrEqualTo(0.01);
    }
  }

  @Test
  void badScenariosAreExplained() {
    assertThatThrownBy(() -> Scenario.of("nowhere.yaml"))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("scenarios are load, heat");
    assertThatThrownBy(() -> Scenario.parse("seconds: [", "x"))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("'x' is no scenario");
    assertThatThrownBy(() -> Scenario.parse("seconds: -4", "x"))
        .isInstanceOf(BadDataException.class);
    assertThatThrownBy(() -> Scenario.parse("signals: {wind: {0: 1}}", "x"))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("no sensor 'wind'");
    assertThatThrownBy(() -> Scenario.parse("signals: {load: {0: much}}", "x"))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("is to be a number");
    assertThatThrownBy(() -> Scenario.parse("deadline: soon", "x"))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("'soon' is no time");
  }
}
