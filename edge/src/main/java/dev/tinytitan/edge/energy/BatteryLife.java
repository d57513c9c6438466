package dev.tinytitan.edge.energy;

/**
 * How long a battery lasts.
 *
 * @param watts taken on the mean
 * @param hours until a full battery is empty; the bounds are those of the energy, the other way
 *     round
 */
public record BatteryLife(Estimate watts, Estimate hours) {
  private static final double LEAST_WATTS = 1e-9;

  /**
   * Reckons.
   *
   * @param wattHours of the full battery
   * @param joules of one inference
   * @param perSecond inferences in a second, on the mean
   * @param restWatts what the device takes beside them
   */
  public static BatteryLife of(
      double wattHours, Estimate joules, double perSecond, double restWatts) {
    if (!(wattHours > 0) || !(perSecond >= 0) || !(restWatts >= 0)) {
      throw new IllegalArgumentException(
          wattHours + " Wh, " + perSecond + " inferences in a second, " + restWatts + " W");
    }
    Estimate watts = joules.times(perSecond).plus(Estimate.exactly(restWatts));
    return new BatteryLife(
        watts,
        new Estimate(
            wattHours / Math.max(LEAST_WATTS, watts.high()),
            wattHours / Math.max(LEAST_WATTS, watts.value()),
            wattHours / Math.max(LEAST_WATTS, watts.low())));
  }
}
