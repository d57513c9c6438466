package dev.tinytitan.examples;

import dev.tinytitan.Binding;
import dev.tinytitan.Session;
import dev.tinytitan.edge.energy.EnergyProfiler;
import dev.tinytitan.edge.energy.Footprint;
import dev.tinytitan.edge.energy.FootprintOptions;
import dev.tinytitan.edge.energy.GridIntensity;
import dev.tinytitan.edge.energy.OperationCount;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/** Says what a million answers of a model take. */
public final class EnergyPerAnswer {
  private EnergyPerAnswer() {}

  /** Measures the example model for half a second, with electricity from Germany. */
  public static void main(String[] args) {
    System.out.println(describe(measure(Duration.ofMillis(500))));
  }

  static Footprint measure(Duration time) {
    try (Session session = ColorModel.build().open()) {
      Binding binding = session.binding();
      EnergyProfiler profiler = EnergyProfiler.ofThisMachine(1);
      EnergyProfiler.Profile profile =
          profiler.measure(OperationCount.of(session.graph(), Map.of()), binding::run, time);
      FootprintOptions options =
          FootprintOptions.defaults().withGrid(GridIntensity.of("DE")).withPrices(0.30, 0.05);
      return Footprint.of(profile, options);
    }
  }

  static String describe(Footprint footprint) {
    return String.format(
        Locale.ROOT,
        "%.2g Wh for a million answers (%.1g to %.1g), by %s",
        footprint.wattHours().value(),
        footprint.wattHours().low(),
        footprint.wattHours().high(),
        footprint.energy().meter().label());
  }
}
