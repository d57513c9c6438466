package dev.tinytitan.edge.adapt;

import java.util.Map;
import java.util.TreeMap;

/** A value over time, linear between the times at which it is given, even before and after them. */
public final class Signal {
  private final TreeMap<Double, Double> values;

  /**
   * @param values by time in seconds; at least one
   */
  public Signal(Map<Double, Double> values) {
    this.values = new TreeMap<>(values);
  }

  /** The value at a time in seconds. */
  public double at(double time) {
    Map.Entry<Double, Double> before = values.floorEntry(time);
    Map.Entry<Double, Double> after = values.ceilingEntry(time);
    if (before == null) {
      return values.firstEntry().getValue();
    }
    if (after == null || after.getKey().equals(before.getKey())) {
      return before.getValue();
    }
    double part = (time - before.getKey()) / (after.getKey() - before.getKey());
    return before.getValue() + part * (after.getValue() - before.getValue());
  }
}
