package dev.tinytitan.edge.energy;

/**
 * What a million inferences cost. Carbon is reckoned as the Software Carbon Intensity specification
 * (ISO/IEC 21031:2024) has it, with a million inferences as the functional unit: operational
 * emissions O = E · I and the share M of embodied emissions for the time and the cores that are
 * taken.
 *
 * @param energy of one inference
 * @param wattHours of a million
 * @param operationalGrams CO₂ equivalent of the electricity of a million
 * @param embodiedGrams a million's share of the CO₂ equivalent of making the device
 * @param deviceCost electricity of a million on the device, in the options' currency
 * @param cloudCost a million on a rented machine that is as fast and always busy
 */
public record Footprint(
    EnergyReading energy,
    Estimate wattHours,
    Estimate operationalGrams,
    double embodiedGrams,
    Estimate deviceCost,
    double cloudCost) {

  private static final double MILLION = 1e6;
  private static final double JOULES_PER_WATT_HOUR = 3600;
  private static final double SECONDS_PER_YEAR = 365.25 * 24 * 3600;

  /** Reckons from one inference's energy and time. */
  public static Footprint of(EnergyProfiler.Profile profile, FootprintOptions options) {
    Estimate wattHours = profile.energy().joules().times(MILLION / JOULES_PER_WATT_HOUR);
    double seconds = profile.secondsPerRun() * MILLION;
    double reserved = seconds / (options.lifetimeYears() * SECONDS_PER_YEAR);
    double resources = Math.min(1, (double) options.threads() / options.cores());
    return new Footprint(
        profile.energy(),
        wattHours,
        wattHours.times(options.grid().grams() / 1000),
        options.embodiedKilograms() * 1000 * reserved * resources,
        wattHours.times(options.electricityPrice() / 1000),
        seconds / 3600 * options.threads() * options.cloudPrice());
  }

  /** O + M: grams of CO₂ equivalent for a million inferences. */
  public Estimate grams() {
    return operationalGrams.plus(Estimate.exactly(embodiedGrams));
  }
}
