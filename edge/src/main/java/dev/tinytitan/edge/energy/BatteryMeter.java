package dev.tinytitan.edge.energy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/**
 * What a discharging battery gives, by Linux's power supply files: {@code power_now}, or {@code
 * current_now} times {@code voltage_now}, integrated over the readings by the trapezoid rule.
 * Drivers renew these files every second or so, so work must last several seconds. The whole device
 * is seen, its screen too.
 */
public final class BatteryMeter implements EnergyMeter {
  private static final System.Logger LOG = System.getLogger(BatteryMeter.class.getName());

  /** Fuel gauges of laptops and telephones. */
  private static final double UNCERTAINTY = 0.1;

  /** No battery that a person carries gives more; a driver that says so is wrong. */
  private static final double MOST_WATTS = 1000;

  private static final double MICRO = 1e-6;

  private final Path folder;
  private final LongSupplier nanos;
  private double joules;
  private double lastWatts;
  private long lastNanos;
  private boolean lost;

  private BatteryMeter(Path folder, LongSupplier nanos) throws IOException {
    this.folder = folder;
    this.nanos = nanos;
    this.lastWatts = watts();
    this.lastNanos = nanos.getAsLong();
  }

  /**
   * Opens the first battery that discharges.
   *
   * @param root {@code /sys/class/power_supply}, or a recording of it
   * @throws MeterUnavailableException if there is none; says why and what to do
   */
  public static BatteryMeter open(Path root) throws MeterUnavailableException {
    return open(root, System::nanoTime);
  }

  static BatteryMeter open(Path root, LongSupplier nanos) throws MeterUnavailableException {
    List<Path> supplies = new ArrayList<>();
    if (Files.isDirectory(root)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
        entries.forEach(supplies::add);
      } catch (IOException unreadable) {
        throw new MeterUnavailableException(
            "The batteries cannot be read: " + unreadable.getMessage() + ".");
      }
    }
    String problem = "There is no battery.";
    for (Path supply : supplies.stream().sorted().toList()) {
      try {
        if (!text(supply.resolve("type")).equals("Battery")) {
          continue;
        }
        if (!text(supply.resolve("status")).equals("Discharging")) {
          problem = "The battery is not discharging: unplug the device to measure with it.";
          continue;
        }
        return new BatteryMeter(supply, nanos);
      } catch (IOException | NumberFormatException unreadable) {
        problem = "The battery cannot be read: " + unreadable.getMessage() + ".";
      }
    }
    throw new MeterUnavailableException(problem);
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.US_ASCII).strip();
  }

  private double watts() throws IOException {
    Path power = folder.resolve("power_now");
    // Some drivers give a discharge as a negative number.
    double watts =
        Files.exists(power)
            ? Math.abs(Long.parseLong(text(power)) * MICRO)
            : Math.abs(Long.parseLong(text(folder.resolve("current_now"))) * MICRO)
                * Long.parseLong(text(folder.resolve("voltage_now")))
                * MICRO;
    if (!(watts >= 0 && watts <= MOST_WATTS)) {
      throw new IOException("it says " + watts + " W");
    }
    return watts;
  }

  @Override
  public MeterKind kind() {
    return MeterKind.BATTERY;
  }

  @Override
  public String description() {
    return String.valueOf(folder.getFileName());
  }

  @Override
  public double uncertainty() {
    return UNCERTAINTY;
  }

  @Override
  public OptionalDouble joules() {
    if (lost) {
      return OptionalDouble.empty();
    }
    try {
      if (!text(folder.resolve("status")).equals("Discharging")) {
        throw new IOException("the device was plugged in");
      }
      double now = watts();
      long time = nanos.getAsLong();
      joules += (lastWatts + now) / 2 * (time - lastNanos) * 1e-9;
      lastWatts = now;
      lastNanos = time;
      return OptionalDouble.of(joules);
    } catch (IOException | NumberFormatException vanished) {
      lost = true;
      LOG.log(
          System.Logger.Level.WARNING,
          "The battery is no longer read as a meter: " + vanished.getMessage() + ".");
      return OptionalDouble.empty();
    }
  }
}
