package dev.tinytitan.cli.command;

import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.edge.energy.FootprintOptions;
import dev.tinytitan.edge.energy.GridIntensity;
import picocli.CommandLine.Option;

/** What is assumed about a device and its electricity. */
final class FootprintFlags {
  @Option(
      names = "--grid",
      paramLabel = "COUNTRY",
      description =
          "Carbon intensity of the electricity: a country's code or name, EU, WORLD, or grams of"
              + " CO2e for a kWh (default: ${DEFAULT-VALUE}).")
  String grid = "WORLD";

  @Option(
      names = "--price",
      paramLabel = "P",
      description = "Price of a kWh, in any currency (default: ${DEFAULT-VALUE}).")
  double price = 0.20;

  @Option(
      names = "--cloud-price",
      paramLabel = "P",
      description =
          "Price of a rented core for an hour, in the same currency (default: ${DEFAULT-VALUE}).")
  double cloudPrice = 0.0425;

  @Option(
      names = "--embodied",
      paramLabel = "KG",
      description =
          "CO2e of making the device and of its disposal, in kg (default: ${DEFAULT-VALUE}).")
  double embodied = 40;

  @Option(
      names = "--lifetime",
      paramLabel = "YEARS",
      description = "How long the device is used (default: ${DEFAULT-VALUE}).")
  double lifetime = 4;

  /** As the library takes them. */
  FootprintOptions options(int threads) {
    try {
      return FootprintOptions.defaults()
          .withGrid(GridIntensity.of(grid))
          .withPrices(price, cloudPrice)
          .withDevice(embodied, lifetime)
          .withCores(
              Math.max(threads, Runtime.getRuntime().availableProcessors()), Math.max(1, threads));
    } catch (IllegalArgumentException error) {
      throw new CommandFailure(
          "--price, --cloud-price and --embodied must be 0 or more, and --lifetime over 0.");
    }
  }
}
