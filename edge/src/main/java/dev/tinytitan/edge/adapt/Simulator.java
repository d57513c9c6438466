package dev.tinytitan.edge.adapt;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.DoubleSupplier;

/**
 * Plays a {@link Scenario}: with the controller, with an oracle that knows the slow-down before
 * each frame, and at the most accurate point all the time. The same scenario gives the same result.
 *
 * <p>The device: work of others shares the cores evenly, so a load of 1 halves the speed; above 85
 * °C the clock falls by a percent for each degree; less than a core in the control group slows down
 * in proportion; memory pressure of 100 % makes a run four times as long for the largest weights,
 * and less so for smaller ones.
 */
public final class Simulator {
  private static final double THROTTLE_FROM = 85;

  private Simulator() {}

  /**
   * What came of a scenario.
   *
   * @param adaptive with the controller
   * @param oracle with the slow-down known
   * @param fixed at the most accurate point
   */
  public record Result(Timeline adaptive, Timeline oracle, Timeline fixed) {}

  /** Plays a scenario three times. */
  public static Result run(Scenario scenario) {
    return new Result(
        play(scenario, "controller", Player.ADAPTIVE),
        play(scenario, "oracle", Player.ORACLE),
        play(scenario, "fixed", Player.FIXED));
  }

  private enum Player {
    ADAPTIVE,
    ORACLE,
    FIXED
  }

  private static Timeline play(Scenario scenario, String title, Player player) {
    Controller controller = new Controller(scenario.goal(), scenario.points());
    List<PointProfile> profiles = controller.profiles();
    double[] now = {0};
    Sensors sensors = new Sensors(twins(scenario, now));
    Random random = new Random(scenario.seed());
    List<Frame> frames = new ArrayList<>();
    int count = (int) Math.floor(scenario.seconds() * scenario.rate());
    for (int i = 0; i < count; i++) {
      now[0] = i / scenario.rate();
      Conditions truth = truth(scenario, now[0]);
      int index;
      Optional<String> change = Optional.empty();
      switch (player) {
        case ADAPTIVE -> {
          Decision decision = controller.decide(sensors.read());
          change = decision.change();
          index = profiles.indexOf(profileOf(profiles, decision));
        }
        case ORACLE -> index = oracle(scenario, controller, truth);
        default -> index = 0;
      }
      PointProfile profile = profiles.get(index);
      double slowdown =
          slowdown(truth, profile, profiles) * Math.exp(scenario.noise() * random.nextGaussian());
      double seconds = profile.seconds() * slowdown;
      if (player == Player.ADAPTIVE) {
        controller.observe(seconds);
      }
      frames.add(
          new Frame(
              now[0],
              profile.point(),
              slowdown,
              seconds,
              seconds <= scenario.goal().deadlineSeconds(),
              profile.joules(),
              change));
    }
    return new Timeline(title, frames);
  }

  private static PointProfile profileOf(List<PointProfile> profiles, Decision decision) {
    return profiles.stream()
        .filter(each -> each.point().equals(decision.point()))
        .findFirst()
        .orElseThrow();
  }

  /** The most accurate point that meets the goal, with the true slow-down of each point. */
  private static int oracle(Scenario scenario, Controller controller, Conditions truth) {
    List<PointProfile> profiles = controller.profiles();
    for (int i = 0; i < profiles.size(); i++) {
      double mean = slowdown(truth, profiles.get(i), profiles);
      double deviation = Math.max(1e-6, scenario.noise() * mean);
      if (controller.allows(i, truth) && controller.meets(i, mean, deviation)) {
        return i;
      }
    }
    // Nothing is good enough: what the controller would do if it knew.
    double mean = slowdown(truth, profiles.getLast(), profiles);
    return controller.choose(truth, mean, Math.max(1e-6, scenario.noise() * mean));
  }

  private static Conditions truth(Scenario scenario, double time) {
    Map<SensorKind, Double> values = new EnumMap<>(SensorKind.class);
    scenario.signals().forEach((kind, signal) -> values.put(kind, signal.at(time)));
    return new Conditions(values);
  }

  /** The simulated twins of the sensors. */
  private static Map<SensorKind, DoubleSupplier> twins(Scenario scenario, double[] now) {
    Map<SensorKind, DoubleSupplier> twins = new EnumMap<>(SensorKind.class);
    scenario
        .signals()
        .forEach((kind, signal) -> {
          if (scenario.lying().contains(kind)) {
            twins.put(kind, () -> now[0] % 2 < 1 ? Double.NaN : -1e9);
          } else if (!scenario.missing().contains(kind)) {
            twins.put(
                kind,
                () -> {
                  double value = signal.at(now[0]);
                  return kind == SensorKind.LOAD ? Math.min(1, value) : value;
                });
          }
        });
    return twins;
  }

  /** How much slower a point really is. */
  private static double slowdown(
      Conditions truth, PointProfile profile, List<PointProfile> profiles) {
    double factor = 1 + Math.max(0, truth.get(SensorKind.LOAD).orElse(0));
    double hot = truth.get(SensorKind.TEMPERATURE).orElse(0) - THROTTLE_FROM;
    factor /= 1 - Math.clamp(hot / 100, 0, 0.6);
    factor /= Math.clamp(truth.get(SensorKind.CORES).orElse(1), 0.01, 1);
    long largest = profiles.stream().mapToLong(each -> each.point().weightBytes()).max().orElse(1);
    double share = (double) profile.point().weightBytes() / Math.max(1, largest);
    return factor * (1 + 3 * share * truth.get(SensorKind.MEMORY_PRESSURE).orElse(0) / 100);
  }
}
