package dev.tinytitan.edge.energy;

/** Where an energy figure comes from, the best first. */
public enum MeterKind {
  /** Counters in the processor (Intel RAPL, and AMD's likeness), read through Linux's powercap. */
  RAPL("RAPL", "counters of the processor"),
  /** What the battery gave, the whole device with it. */
  BATTERY("battery", "discharge of the battery"),
  /** Counted operations and bytes, times energies that were published or fitted here. */
  MODEL("model", "counted operations, published energies"),
  /** A share of the processor's power over the time it was busy. */
  POWER_SHARE("power share", "busy time, times a processor's usual power");

  private final String label;
  private final String description;

  MeterKind(String label, String description) {
    this.label = label;
    this.description = description;
  }

  /** One or two words. */
  public String label() {
    return label;
  }

  /** What is read, in words. */
  public String description() {
    return description;
  }

  /** True if something was measured, not reckoned. */
  public boolean isMeasured() {
    return this == RAPL || this == BATTERY;
  }
}
