package dev.tinytitan.edge.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against recorded trees of /sys/class/power_supply. */
class BatteryMeterTest {
  @TempDir private Path root;

  private final AtomicLong nanos = new AtomicLong();

  @BeforeEach
  void adapterAndBattery() throws IOException {
    write("AC", "type", "Mains");
    write("BAT0", "type", "Battery");
    write("BAT0", "status", "Discharging");
    write("BAT0", "power_now", "8000000");
  }

  private void write(String supply, String file, String text) throws IOException {
    Files.writeString(Files.createDirectories(root.resolve(supply)).resolve(file), text + "\n");
  }

  private void pass(double seconds) {
    nanos.addAndGet((long) (seconds * 1e9));
  }

  @Test
  void powerIsIntegrated() throws Exception {
    BatteryMeter meter = BatteryMeter.open(root, nanos::get);
    pass(2);
    assertThat(meter.joules().orElseThrow()).isCloseTo(16, within(1e-9));
    write("BAT0", "power_now", "12000000");
    pass(1);
    assertThat(meter.joules().orElseThrow()).isCloseTo(26, within(1e-9));
  }

  @Test
  void currentAndVoltageServeAsWell() throws Exception {
    Files.delete(root.resolve("BAT0/power_now"));
    write("BAT0", "current_now", "-500000");
    write("BAT0", "voltage_now", "4000000");
    BatteryMeter meter = BatteryMeter.open(root, nanos::get);
    pass(3);
    assertThat(meter.joules().orElseThrow()).isCloseTo(6, within(1e-9));
  }

  @Test
  void pluggingInEndsTheMeter() throws Exception {
    BatteryMeter meter = BatteryMeter.open(root, nanos::get);
    write("BAT0", "status", "Charging");
    pass(1);
    assertThat(meter.joules()).isEmpty();
  }

  @Test
  void aDriverThatLiesEndsTheMeter() throws Exception {
    BatteryMeter meter = BatteryMeter.open(root, nanos::get);
    write("BAT0", "power_now", "99999999999999");
    pass(1);
    assertThat(meter.joules()).isEmpty();
  }

  @Test
  void itSaysWhyThereIsNone() throws Exception {
    write("BAT0", "status", "Full");
    assertThatThrownBy(() -> BatteryMeter.open(root))
        .isInstanceOf(MeterUnavailableException.class)
        .hasMessageContaining("unplug");
    assertThatThrownBy(() -> BatteryMeter.open(root.resolve("none")))
        .isInstanceOf(MeterUnavailableException.class)
        .hasMessageContaining("no battery");
  }

  @Test
  void theBestMeterIsTakenAndTheOthersAreExplained() {
    Meters meters = Meters.find(root.resolve("none"), root);
    assertThat(meters.best().orElseThrow().kind()).isEqualTo(MeterKind.BATTERY);
    assertThat(meters.missing()).hasSize(1).first().asString().startsWith("RAPL: ");
    assertThat(Meters.find(root.resolve("none"), root.resolve("none")).missing()).hasSize(2);
  }
}
