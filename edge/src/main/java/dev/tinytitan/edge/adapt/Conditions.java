package dev.tinytitan.edge.adapt;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What the sensors say at one moment; those that are missing are absent.
 *
 * @param values by sensor
 */
public record Conditions(Map<SensorKind, Double> values) {
  /** Nothing is known. */
  public static final Conditions UNKNOWN = new Conditions(Map.of());

  public Conditions {
    Map<SensorKind, Double> copy = new EnumMap<>(SensorKind.class);
    copy.putAll(values);
    values = Collections.unmodifiableMap(copy);
  }

  /** A sensor's reading. */
  public OptionalDouble get(SensorKind kind) {
    Double value = values.get(kind);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
