package dev.tinytitan.edge.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SensorsTest {
  @TempDir private Path folder;

  @Test
  void sensorsThatLieAreIgnoredWithOneLine() {
    int[] lines = {0};
    Handler counter =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            lines[0]++;
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(Sensors.class.getName());
    logger.addHandler(counter);
    try {
      double[] battery = {Double.NaN};
      Sensors sensors =
          new Sensors(
              Map.of(
                  SensorKind.BATTERY,
                  () -> battery[0],
                  SensorKind.TEMPERATURE,
                  () -> {
                    throw new IllegalStateException("unplugged");
                  },
                  SensorKind.LOAD,
                  () -> 0.5));
      assertThat(sensors.read().values()).containsOnlyKeys(SensorKind.LOAD);
      battery[0] = 42;
      assertThat(sensors.read().get(SensorKind.BATTERY)).isEmpty();
      battery[0] = 0.42;
      assertThat(sensors.read().get(SensorKind.BATTERY)).hasValue(0.42);
      assertThat(lines[0]).isEqualTo(2);
    } finally {
      logger.removeHandler(counter);
    }
  }

  @Test
  void controlGroupsAndPressure() throws IOException {
    Files.writeString(folder.resolve("cpu.max"), "50000 100000\n");
    Files.writeString(folder.resolve("memory.max"), "1000000\n");
    Files.writeString(folder.resolve("memory.current"), "900000\n");
    Files.writeString(
        folder.resolve("pressure"),
        "some avg10=12.50 avg60=1.00 avg300=0.00 total=5\nfull avg10=0.00 avg60=0 avg300=0\n");
    Map<SensorKind, DoubleSupplier> found = new EnumMap<>(SensorKind.class);
    MachineSensors.addFiles(found, folder, folder.resolve("pressure"));
    Conditions conditions = new Sensors(found).read();
    assertThat(conditions.get(SensorKind.CORES)).hasValue(0.5);
    assertThat(conditions.get(SensorKind.MEMORY_FREE).orElseThrow()).isCloseTo(0.1, within(1e-9));
    assertThat(conditions.get(SensorKind.MEMORY_PRESSURE)).hasValue(12.5);
  }

  @Test
  void withoutLimitsOrFilesThereIsNothing() throws IOException {
    Map<SensorKind, DoubleSupplier> found = new EnumMap<>(SensorKind.class);
    MachineSensors.addFiles(found, folder.resolve("none"), folder.resolve("none"));
    assertThat(found).isEmpty();
    Files.writeString(folder.resolve("cpu.max"), "max 100000\n");
    Files.writeString(folder.resolve("memory.max"), "max\n");
    Files.writeString(folder.resolve("memory.current"), "1\n");
    MachineSensors.addFiles(found, folder, folder.resolve("none"));
    assertThat(found).isEmpty();
  }

  @Test
  void thisMachineSaysOnlyWhatCanBeTrue() {
    Sensors sensors = MachineSensors.find();
    long busyUntil = System.nanoTime() + 300_000_000L;
    while (System.nanoTime() < busyUntil) {
      Thread.onSpinWait();
    }
    Conditions conditions = sensors.read();
    // Units: what is there after 0.3 s of one busy core is a share of all cores, degrees, a share.
    conditions
        .get(SensorKind.LOAD)
        .ifPresent(load ->
            assertThat(load).isBetween(0.3 / Runtime.getRuntime().availableProcessors(), 1.0));
    conditions
        .get(SensorKind.TEMPERATURE)
        .ifPresent(degrees -> assertThat(degrees).isBetween(5.0, 115.0));
    conditions
        .get(SensorKind.CORES)
        .ifPresent(cores ->
            assertThat(cores).isLessThanOrEqualTo(Runtime.getRuntime().availableProcessors() + 1));
    conditions
        .values()
        .forEach(
            (kind, value) -> assertThat(kind.isPossible(value)).as("%s %s", kind, value).isTrue());
  }
}
