package dev.tinytitan.edge.energy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The meters of a machine.
 *
 * @param best the best one that works; empty if there is none
 * @param missing why the others, in the order of their worth up to the best, are not used
 */
public record Meters(Optional<EnergyMeter> best, List<String> missing) {
  private static final Path POWERCAP = Path.of("/sys/class/powercap");
  private static final Path BATTERIES = Path.of("/sys/class/power_supply");

  public Meters {
    missing = List.copyOf(missing);
  }

  /** No meter at all, for comparisons and for tests. */
  public static Meters none() {
    return new Meters(Optional.empty(), List.of());
  }

  /** Looks for meters on this machine. */
  public static Meters find() {
    return find(POWERCAP, BATTERIES);
  }

  /**
   * Looks for meters in these folders.
   *
   * @param powercap in the manner of {@code /sys/class/powercap}
   * @param batteries in the manner of {@code /sys/class/power_supply}
   */
  public static Meters find(Path powercap, Path batteries) {
    List<String> missing = new ArrayList<>();
    try {
      return new Meters(Optional.of(PowercapMeter.open(powercap)), missing);
    } catch (MeterUnavailableException error) {
      missing.add(MeterKind.RAPL.label() + ": " + error.getMessage());
    }
    try {
      return new Meters(Optional.of(BatteryMeter.open(batteries)), missing);
    } catch (MeterUnavailableException error) {
      missing.add(MeterKind.BATTERY.label() + ": " + error.getMessage());
    }
    return new Meters(Optional.empty(), missing);
  }
}
