package dev.tinytitan.edge.adapt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.edge.elastic.OperatingPoint;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ControllerTest {
  private static final PointProfile LARGE = profile("large", 0.9, 10, 4, 1000);
  private static final PointProfile MIDDLE = profile("middle", 0.85, 4, 2, 600);
  private static final PointProfile SMALL = profile("small", 0.7, 1, 0.5, 100);

  private static PointProfile profile(
      String name, double accuracy, double milliseconds, double millijoules, long bytes) {
    return new PointProfile(
        new OperatingPoint(name, accuracy, 1, bytes), milliseconds / 1e3, millijoules / 1e3);
  }

  private final Random random = new Random(1);

  private Controller controller(Goal goal) {
    return new Controller(goal, List.of(SMALL, LARGE, MIDDLE));
  }

  /** Runs frames at a slow-down; gives the last decision. */
  private Decision run(Controller controller, int frames, double slowdown, Conditions conditions) {
    Decision decision = controller.decide(conditions);
    for (int i = 0; i < frames; i++) {
      PointProfile profile =
          controller.profiles().stream()
              .filter(each -> each.point().equals(controller.point()))
              .findFirst()
              .orElseThrow();
      controller.observe(profile.seconds() * slowdown * Math.exp(0.03 * random.nextGaussian()));
      decision = controller.decide(conditions);
    }
    return decision;
  }

  @Test
  void theMostAccuratePointInTimeIsTaken() {
    Controller controller = controller(Goal.of(0.012, 0.99));
    assertThat(run(controller, 50, 1, Conditions.UNKNOWN).point().name()).isEqualTo("large");
    assertThat(run(controller, 50, 2, Conditions.UNKNOWN).point().name()).isEqualTo("middle");
    assertThat(run(controller, 50, 8, Conditions.UNKNOWN).point().name()).isEqualTo("small");
  }

  @Test
  void downAtOnceUpLater() {
    Controller controller = controller(Goal.of(0.012, 0.99));
    run(controller, 50, 1, Conditions.UNKNOWN);
    Decision down = run(controller, 1, 3, Conditions.UNKNOWN);
    assertThat(down.point().name()).isNotEqualTo("large");
    assertThat(down.change().orElseThrow())
        .startsWith("Down to ")
        .contains("slow-down")
        .endsWith(".");
    run(controller, 20, 2, Conditions.UNKNOWN);
    assertThat(run(controller, 5, 1, Conditions.UNKNOWN).point().name()).isNotEqualTo("large");
    assertThat(run(controller, 100, 1, Conditions.UNKNOWN).point().name()).isEqualTo("large");
  }

  @Test
  void fewerCoresAreFeltBeforeARunShowsThem() {
    Controller controller = controller(Goal.of(0.012, 0.99));
    run(controller, 50, 1, Conditions.UNKNOWN);
    Decision decision = controller.decide(new Conditions(Map.of(SensorKind.CORES, 0.25)));
    assertThat(decision.point().name()).isEqualTo("small");
    assertThat(decision.slowdown()).isGreaterThan(3.5);
  }

  @Test
  void batteryHeatAndMemoryLimitWhatIsSpent() {
    Goal goal = Goal.of(1, 0.99);
    Controller controller = controller(goal);
    assertThat(run(controller, 20, 1, Conditions.UNKNOWN).point().name()).isEqualTo("large");
    Decision battery = controller.decide(new Conditions(Map.of(SensorKind.BATTERY, 0.05)));
    assertThat(battery.point().name()).isEqualTo("small");
    assertThat(battery.change().orElseThrow()).contains("the battery is at 5 %");
    Controller hot = controller(goal);
    run(hot, 20, 1, Conditions.UNKNOWN);
    assertThat(hot.decide(new Conditions(Map.of(SensorKind.TEMPERATURE, 95.0))).change())
        .hasValueSatisfying(text -> assertThat(text).contains("Down to middle", "95 °C"));
    Controller tight = controller(goal);
    run(tight, 20, 1, Conditions.UNKNOWN);
    assertThat(
            tight.decide(new Conditions(Map.of(SensorKind.MEMORY_PRESSURE, 60.0))).point().name())
        .isEqualTo("small");
    assertThat(run(controller(goal.withJoules(0.003)), 30, 1, Conditions.UNKNOWN).point().name())
        .isEqualTo("middle");
  }

  @Test
  void jumpsOfTheClockAreIgnored() {
    Controller controller = controller(Goal.of(0.012, 0.99));
    run(controller, 50, 1, Conditions.UNKNOWN);
    controller.observe(-5);
    controller.observe(Double.NaN);
    controller.observe(0);
    assertThat(controller.decide(Conditions.UNKNOWN).point().name()).isEqualTo("large");
  }

  @Test
  void pointsThatAreBeatenInEverythingAreLeftOut() {
    Controller controller =
        new Controller(
            Goal.of(0.012, 0.99), List.of(LARGE, SMALL, profile("worse", 0.6, 11, 5, 2000)));
    assertThat(controller.profiles())
        .extracting(each -> each.point().name())
        .containsExactly("large", "small");
  }

  @Test
  void whereNothingIsInTimeTheFastestRuns() {
    Controller controller = controller(Goal.of(0.0001, 0.99));
    assertThat(run(controller, 10, 1, Conditions.UNKNOWN).point().name()).isEqualTo("small");
  }
}
