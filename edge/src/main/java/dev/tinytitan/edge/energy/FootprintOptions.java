package dev.tinytitan.edge.energy;

/**
 * What is assumed about the device and the electricity it takes. Immutable; each {@code with…}
 * method gives a changed copy.
 *
 * @param grid the electricity's carbon intensity
 * @param electricityPrice for a kilowatt-hour, in any currency
 * @param cloudPrice for an hour of one core of a rented machine, in the same currency
 * @param embodiedKilograms CO₂ equivalent of making the device and its disposal, in kilograms
 * @param lifetimeYears how long the device is used
 * @param cores that share the device: work on one takes one core's share of it
 * @param threads cores that the work keeps busy
 */
public record FootprintOptions(
    GridIntensity grid,
    double electricityPrice,
    double cloudPrice,
    double embodiedKilograms,
    double lifetimeYears,
    int cores,
    int threads) {

  public FootprintOptions {
    if (!(electricityPrice >= 0)
        || !(cloudPrice >= 0)
        || !(embodiedKilograms >= 0)
        || !(lifetimeYears > 0)
        || cores < 1
        || threads < 1) {
      throw new IllegalArgumentException(
          "prices "
              + electricityPrice
              + " and "
              + cloudPrice
              + ", embodied "
              + embodiedKilograms
              + " kg, "
              + lifetimeYears
              + " years, "
              + threads
              + " of "
              + cores
              + " cores");
    }
  }

  /**
   * The world's mean electricity at 0.20 for a kilowatt-hour; 0.0425 for a core and hour, as a
   * general machine of two cores costs on demand (2024, US dollars); 40 kg over four years, as a
   * small board or a telephone.
   */
  public static FootprintOptions defaults() {
    return new FootprintOptions(
        GridIntensity.of("WORLD"),
        0.20,
        0.0425,
        40,
        4,
        Runtime.getRuntime().availableProcessors(),
        1);
  }

  /** The same with other electricity. */
  public FootprintOptions withGrid(GridIntensity value) {
    return new FootprintOptions(
        value, electricityPrice, cloudPrice, embodiedKilograms, lifetimeYears, cores, threads);
  }

  /** The same with other prices, for a kilowatt-hour and for an hour of a rented core. */
  public FootprintOptions withPrices(double electricity, double cloud) {
    return new FootprintOptions(
        grid, electricity, cloud, embodiedKilograms, lifetimeYears, cores, threads);
  }

  /** The same with another device: the CO₂ equivalent of making it, and its years of use. */
  public FootprintOptions withDevice(double embodied, double years) {
    return new FootprintOptions(
        grid, electricityPrice, cloudPrice, embodied, years, cores, threads);
  }

  /** The same with so many cores, of which the work keeps so many busy. */
  public FootprintOptions withCores(int all, int busy) {
    return new FootprintOptions(
        grid, electricityPrice, cloudPrice, embodiedKilograms, lifetimeYears, all, busy);
  }
}
