package dev.tinytitan.edge.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against recorded trees of /sys/class/powercap, and a real one where there is one. */
class PowercapMeterTest {
  private static final long RANGE = 262_143_328_850L;

  @TempDir private Path root;

  private void zone(String folder, String name, long microjoules) throws IOException {
    Path zone = Files.createDirectories(root.resolve(folder));
    Files.writeString(zone.resolve("name"), name + "\n");
    Files.writeString(zone.resolve("max_energy_range_uj"), RANGE + "\n");
    Files.writeString(zone.resolve("energy_uj"), microjoules + "\n");
  }

  private void count(String folder, long microjoules) throws IOException {
    Files.writeString(root.resolve(folder).resolve("energy_uj"), microjoules + "\n");
  }

  /** As on a laptop: core and uncore within the package, psys around it, the package twice. */
  private void laptop() throws IOException {
    Files.createDirectories(root.resolve("intel-rapl"));
    Files.createDirectories(root.resolve("intel-rapl-mmio"));
    zone("intel-rapl:0", "package-0", 1_000_000);
    zone("intel-rapl:0:0", "core", 500_000);
    zone("intel-rapl:0:1", "uncore", 100_000);
    zone("intel-rapl:1", "psys", 9_000_000);
    zone("intel-rapl-mmio:0", "package-0", 1_000_000);
  }

  @Test
  void nestedDomainsCountOnce() throws Exception {
    laptop();
    PowercapMeter meter = PowercapMeter.open(root);
    assertThat(meter.description()).isEqualTo("package-0");
    count("intel-rapl:0", 3_500_000);
    count("intel-rapl:0:0", 2_500_000);
    count("intel-rapl:1", 19_000_000);
    count("intel-rapl-mmio:0", 3_500_000);
    assertThat(meter.joules().orElseThrow()).isCloseTo(2.5, within(1e-9));
  }

  @Test
  void socketsAndTheirMemoryAddUp() throws Exception {
    for (int socket = 0; socket < 2; socket++) {
      zone("intel-rapl:" + socket, "package-" + socket, 0);
      zone("intel-rapl:" + socket + ":0", "core", 0);
      zone("intel-rapl:" + socket + ":1", "dram", 0);
    }
    PowercapMeter meter = PowercapMeter.open(root);
    for (int socket = 0; socket < 2; socket++) {
      count("intel-rapl:" + socket, 4_000_000);
      count("intel-rapl:" + socket + ":0", 3_000_000);
      count("intel-rapl:" + socket + ":1", 1_000_000);
    }
    assertThat(meter.joules().orElseThrow()).isCloseTo(10, within(1e-9));
  }

  @Test
  void countersStartAgainFromZero() throws Exception {
    zone("intel-rapl:0", "package-0", RANGE - 1_000_000);
    PowercapMeter meter = PowercapMeter.open(root);
    count("intel-rapl:0", 2_000_000);
    assertThat(meter.joules().orElseThrow()).isCloseTo(3, within(1e-9));
    count("intel-rapl:0", 2_500_000);
    assertThat(meter.joules().orElseThrow()).isCloseTo(3.5, within(1e-9));
  }

  @Test
  void aCounterThatVanishesEndsTheMeter() throws Exception {
    laptop();
    PowercapMeter meter = PowercapMeter.open(root);
    Files.delete(root.resolve("intel-rapl:0/energy_uj"));
    assertThat(meter.joules()).isEmpty();
    count("intel-rapl:0", 5_000_000);
    assertThat(meter.joules()).as("it may have wrapped meanwhile").isEmpty();
  }

  @Test
  void aCounterThatLiesEndsTheMeter() throws Exception {
    laptop();
    PowercapMeter meter = PowercapMeter.open(root);
    Files.writeString(root.resolve("intel-rapl:0/energy_uj"), "nonsense");
    assertThat(meter.joules()).isEmpty();
  }

  @Test
  void withoutPermissionItSaysWhatToDo() throws Exception {
    laptop();
    assertThatThrownBy(() ->
            PowercapMeter.open(
                root,
                file -> {
                  if (file.endsWith("energy_uj")) {
                    throw new AccessDeniedException(file.toString());
                  }
                  return Files.readString(file).strip();
                }))
        .isInstanceOf(MeterUnavailableException.class)
        .hasMessageContaining("package-0 may be read by root only")
        .hasMessageContaining("chmod");
  }

  @Test
  void withoutPackagesOrFoldersThereIsNoMeter() throws Exception {
    assertThatThrownBy(() -> PowercapMeter.open(root.resolve("missing")))
        .isInstanceOf(MeterUnavailableException.class)
        .hasMessageContaining("no powercap counters");
    zone("intel-rapl:1", "psys", 0);
    assertThatThrownBy(() -> PowercapMeter.open(root))
        .isInstanceOf(MeterUnavailableException.class)
        .hasMessageContaining("none is of a processor package");
    Files.delete(root.resolve("intel-rapl:1/name"));
    assertThatThrownBy(() -> PowercapMeter.open(root))
        .isInstanceOf(MeterUnavailableException.class)
        .hasMessageContaining("cannot be read");
  }

  @Test
  void aRealMeterCountsWork() throws Exception {
    Meters meters = Meters.find();
    assumeThat(meters.best().map(EnergyMeter::kind))
        .as("this machine's meters: %s", meters.missing())
        .contains(MeterKind.RAPL);
    EnergyMeter meter = meters.best().orElseThrow();
    double before = meter.joules().orElseThrow();
    double sum = 0;
    for (int i = 1; i < 200_000_000; i++) {
      sum += 1.0 / i;
    }
    assertThat(sum).isPositive();
    assertThat(meter.joules().orElseThrow()).isGreaterThan(before);
  }
}
