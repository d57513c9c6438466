package dev.tinytitan.edge.adapt;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import oshi.SystemInfo;
import oshi.hardware.CentralProcessor;
import oshi.hardware.HardwareAbstractionLayer;
import oshi.hardware.PowerSource;

/**
 * The sensors of this machine: load, frequency, temperature and battery through OSHI; limits of the
 * control group (version 2) and pressure stall information through Linux's files. What is not there
 * is left out.
 */
public final class MachineSensors {
  private static final Path CONTROL_GROUP = Path.of("/sys/fs/cgroup");
  private static final Path PRESSURE = Path.of("/proc/pressure/memory");
  private static final Pattern AVERAGE = Pattern.compile("some avg10=(\\d+(?:\\.\\d+)?)");

  private MachineSensors() {}

  /** Finds those that give something now. */
  public static Sensors find() {
    Map<SensorKind, DoubleSupplier> found = new EnumMap<>(SensorKind.class);
    addHardware(found);
    addFiles(found, CONTROL_GROUP, PRESSURE);
    return new Sensors(found);
  }

  @SuppressWarnings(
      "CatchingUnchecked") // OSHI reaches into the system: whatever fails, is missing.
  private static void addHardware(Map<SensorKind, DoubleSupplier> found) {
    try {
      HardwareAbstractionLayer hardware = new SystemInfo().getHardware();
      CentralProcessor processor = hardware.getProcessor();
      long[][] ticks = {processor.getSystemCpuLoadTicks()};
      found.put(
          SensorKind.LOAD,
          () -> {
            double load = processor.getSystemCpuLoadBetweenTicks(ticks[0]);
            ticks[0] = processor.getSystemCpuLoadTicks();
            return load;
          });
      long most = processor.getMaxFreq();
      if (most > 0) {
        add(found, SensorKind.FREQUENCY, () -> mean(processor.getCurrentFreq()) / most);
      }
      // OSHI says 0 where there is no thermometer.
      if (hardware.getSensors().getCpuTemperature() > 0) {
        add(found, SensorKind.TEMPERATURE, () -> hardware.getSensors().getCpuTemperature());
      }
      List<PowerSource> batteries = hardware.getPowerSources();
      if (!batteries.isEmpty() && batteries.getFirst().getMaxCapacity() > 1) {
        add(
            found,
            SensorKind.BATTERY,
            () -> hardware.getPowerSources().getFirst().getRemainingCapacityPercent());
      }
    } catch (RuntimeException | LinkageError absent) {
      System.getLogger(MachineSensors.class.getName())
          .log(
              System.Logger.Level.INFO,
              "Load, frequency, temperature and battery cannot be read here: " + absent);
    }
  }

  /** Adds what the files of a control group and of pressure stall information say. */
  static void addFiles(Map<SensorKind, DoubleSupplier> found, Path group, Path pressure) {
    add(found, SensorKind.CORES, () -> quota(text(group.resolve("cpu.max"))));
    add(
        found,
        SensorKind.MEMORY_FREE,
        () -> {
          double limit = number(text(group.resolve("memory.max")));
          return 1 - number(text(group.resolve("memory.current"))) / limit;
        });
    add(
        found,
        SensorKind.MEMORY_PRESSURE,
        () -> {
          Matcher matcher = AVERAGE.matcher(text(pressure));
          return matcher.find() ? Double.parseDouble(matcher.group(1)) : Double.NaN;
        });
  }

  /** Adds a sensor if it gives something that can be true. */
  private static void add(
      Map<SensorKind, DoubleSupplier> found, SensorKind kind, DoubleSupplier source) {
    try {
      if (kind.isPossible(source.getAsDouble())) {
        found.put(kind, source);
      }
    } catch (UncheckedIOException | NumberFormatException absent) {
      // Not on this system.
    }
  }

  /** {@code 50000 100000} is half a core; {@code max 100000} is no limit, which is NaN. */
  private static double quota(String text) {
    int space = text.indexOf(' ');
    return space < 0
        ? Double.NaN
        : number(text.substring(0, space)) / number(text.substring(space + 1));
  }

  private static double number(String text) {
    return text.equals("max") ? Double.NaN : Double.parseDouble(text);
  }

  private static double mean(long[] values) {
    double sum = 0;
    for (long value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
}
