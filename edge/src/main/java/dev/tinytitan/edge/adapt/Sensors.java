package dev.tinytitan.edge.adapt;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;

/**
 * The sensors of a device, each optional. One that fails, or gives what cannot be true, is ignored
 * as long as it does, with one line in the log. Not thread-safe.
 */
public final class Sensors {
  private static final System.Logger LOG = System.getLogger(Sensors.class.getName());

  private final Map<SensorKind, DoubleSupplier> sources = new EnumMap<>(SensorKind.class);
  private final Set<SensorKind> distrusted = EnumSet.noneOf(SensorKind.class);

  /**
   * A device with these sensors.
   *
   * @param sources what gives each reading; NaN, or any exception, for none
   */
  public Sensors(Map<SensorKind, DoubleSupplier> sources) {
    this.sources.putAll(sources);
  }

  /** A device without sensors: the controller goes by latencies alone. */
  public static Sensors none() {
    return new Sensors(Map.of());
  }

  /** Which sensors there are. */
  public Set<SensorKind> kinds() {
    return Set.copyOf(sources.keySet());
  }

  /** Reads all of them. */
  public Conditions read() {
    Map<SensorKind, Double> values = new EnumMap<>(SensorKind.class);
    sources.forEach((kind, source) -> {
      String problem;
      try {
        double value = source.getAsDouble();
        if (kind.isPossible(value)) {
          values.put(kind, value);
          return;
        }
        problem = "it says " + value;
      } catch (RuntimeException vanished) {
        problem = String.valueOf(vanished.getMessage());
      }
      if (distrusted.add(kind)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "The sensor of " + kind.label() + " is ignored where it cannot be true: " + problem);
      }
    });
    return new Conditions(values);
  }
}
