package dev.tinytitan.edge.energy;

/**
 * The last resort: busy time, times a share of the processor's power.
 *
 * @param watts of one busy core
 * @param detail where the power comes from, in words
 */
public record PowerShare(Estimate watts, String detail) {
  /**
   * Watts of an idle and of a fully used core of cloud machines, the mean over generations (Cloud
   * Carbon Footprint, methodology, AWS averages).
   */
  static final double IDLE_CORE_WATTS = 0.74;

  private static final double BUSY_CORE_WATTS = 3.5;

  /** A desktop core at full clock with wide vectors. */
  static final double MOST_CORE_WATTS = 15;

  /** Without knowing the processor. */
  public static PowerShare unknownProcessor() {
    return new PowerShare(
        new Estimate(IDLE_CORE_WATTS, BUSY_CORE_WATTS, MOST_CORE_WATTS),
        "busy time at 0.74 to 15 W for a core, 3.5 W the mean of cloud machines");
  }

  /**
   * A processor of known thermal design power.
   *
   * @param watts its thermal design power, above 0
   * @param cores over which it is shared evenly
   */
  public static PowerShare ofDesignPower(double watts, int cores) {
    if (!(watts > 0) || cores < 1) {
      throw new IllegalArgumentException(watts + " W for " + cores + " cores");
    }
    double each = watts / cores;
    // One core alone clocks higher than all together, and most work is far below design power.
    return new PowerShare(
        new Estimate(0.2 * each, 0.7 * each, 2 * each),
        "busy time at 70 % of a core's share of " + watts + " W");
  }

  /**
   * The energy of work.
   *
   * @param seconds how long it took, all cores added up
   */
  public EnergyReading estimate(double seconds) {
    return new EnergyReading(watts.times(seconds), MeterKind.POWER_SHARE, detail);
  }
}
