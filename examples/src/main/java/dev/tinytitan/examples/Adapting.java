package dev.tinytitan.examples;

import dev.tinytitan.edge.adapt.Scenario;
import dev.tinytitan.edge.adapt.Simulator;
import dev.tinytitan.edge.adapt.TimelinePlot;
import java.util.Locale;

/** Plays a load spike on a simulated device, and draws which point of a model answered when. */
public final class Adapting {
  private Adapting() {}

  /** Plays the scenario and prints the timeline. */
  public static void main(String[] args) {
    Simulator.Result result = Simulator.run(Scenario.of("load"));
    TimelinePlot.text(result.adaptive(), 60).forEach(System.out::println);
    System.out.printf(
        Locale.ROOT,
        "late: %.2f %% adapting, %.2f %% at the largest point%n",
        100 * result.adaptive().misses(),
        100 * result.fixed().misses());
  }
}
