package dev.tinytitan.edge.adapt;

/** What is sensed, and between which values a reading can be true. */
public enum SensorKind {
  /** How busy the processor is, 0 to 1. */
  LOAD("load", 0, 1),
  /** The processor's frequency as a share of its highest; what throttling lowers. */
  FREQUENCY("frequency", 0.01, 1.5),
  /** Of the processor, in degrees Celsius. */
  TEMPERATURE("temperature", -40, 125),
  /** What is left in the battery, 0 to 1. */
  BATTERY("battery", 0, 1),
  /** Cores that the control group grants; below 1 for a part of one. */
  CORES("cores", 0.001, 4096),
  /** Share of time, in per cent, in which some task waited for memory (PSI, some avg10). */
  MEMORY_PRESSURE("memory pressure", 0, 100),
  /** Share of the memory limit that is free, 0 to 1. */
  MEMORY_FREE("memory free", 0, 1);

  private final String label;
  private final double least;
  private final double most;

  SensorKind(String label, double least, double most) {
    this.label = label;
    this.least = least;
    this.most = most;
  }

  /** In words. */
  public String label() {
    return label;
  }

  /** True if a reading can be true. */
  public boolean isPossible(double value) {
    return value >= least && value <= most;
  }

  /** The sensor of these words, or of the enum's name in any case. */
  static SensorKind of(String text) {
    for (SensorKind kind : values()) {
      String plain = text.replace('-', ' ').replace('_', ' ');
      if (kind.label.equalsIgnoreCase(plain)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("there is no sensor '" + text + "'");
  }
}
