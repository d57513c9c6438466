package dev.tinytitan.edge.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.BadDataException;
import org.junit.jupiter.api.Test;

class FootprintTest {
  /** 3.6 mJ and 10 ms: a million take 1 Wh and 10 000 s. */
  private static final EnergyProfiler.Profile PROFILE =
      new EnergyProfiler.Profile(
          0.01, new EnergyReading(new Estimate(0.0018, 0.0036, 0.0072), MeterKind.MODEL, "a test"));

  private static final FootprintOptions OPTIONS =
      FootprintOptions.defaults()
          .withGrid(new GridIntensity("", "test", 500))
          .withPrices(0.3, 0.05)
          .withDevice(100, 2)
          .withCores(4, 1);

  @Test
  void softwareCarbonIntensity() {
    Footprint footprint = Footprint.of(PROFILE, OPTIONS);
    assertThat(footprint.wattHours().value()).isCloseTo(1, within(1e-12));
    assertThat(footprint.operationalGrams().value()).isCloseTo(0.5, within(1e-12));
    assertThat(footprint.operationalGrams().high()).isCloseTo(1, within(1e-12));
    double share = 10_000 / (2 * 365.25 * 24 * 3600) / 4;
    assertThat(footprint.embodiedGrams()).isCloseTo(100_000 * share, within(1e-9));
    assertThat(footprint.grams().value()).isCloseTo(0.5 + footprint.embodiedGrams(), within(1e-12));
    assertThat(footprint.deviceCost().value()).isCloseTo(0.0003, within(1e-12));
    assertThat(footprint.cloudCost()).isCloseTo(10_000 / 3600.0 * 0.05, within(1e-9));
  }

  @Test
  void batteriesLastAsLongAsTheDutyAllows() {
    BatteryLife life = BatteryLife.of(1, PROFILE.energy().joules(), 10, 0.014);
    assertThat(life.watts().value()).isCloseTo(0.05, within(1e-12));
    assertThat(life.hours().value()).isCloseTo(20, within(1e-9));
    assertThat(life.hours().low()).isLessThan(20);
    assertThat(BatteryLife.of(1, Estimate.ZERO, 0, 0).hours().high()).isFinite();
  }

  @Test
  void dutyCycles() {
    assertThat(DutyCycle.perSecond("10/s", 0.01)).isEqualTo(10);
    assertThat(DutyCycle.perSecond("6 / m", 0.01)).isCloseTo(0.1, within(1e-12));
    assertThat(DutyCycle.perSecond("24/d", 0.01)).isCloseTo(24.0 / 86400, within(1e-12));
    assertThat(DutyCycle.perSecond("50%", 0.01)).isCloseTo(50, within(1e-9));
    assertThatThrownBy(() -> DutyCycle.perSecond("often", 0.01))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("'often' is no duty cycle");
    assertThatThrownBy(() -> DutyCycle.perSecond("200/s", 0.01))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("more than one device can run");
  }

  @Test
  void grids() {
    assertThat(GridIntensity.of("de").name()).isEqualTo("Germany");
    assertThat(GridIntensity.of("france").grams()).isLessThan(100);
    assertThat(GridIntensity.of("123.5").grams()).isEqualTo(123.5);
    assertThat(GridIntensity.all()).hasSizeGreaterThan(40);
    assertThatThrownBy(() -> GridIntensity.of("Atlantis"))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("'Atlantis'")
        .hasMessageContaining("DE");
    assertThatThrownBy(() -> GridIntensity.of("-5")).isInstanceOf(BadDataException.class);
  }

  @Test
  void estimatesRise() {
    assertThatThrownBy(() -> new Estimate(2, 1, 3)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Estimate(0, Double.NaN, 3))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Estimate.within(0.1, 10).plus(Estimate.exactly(1)))
        .isEqualTo(new Estimate(10, 11, 12));
  }
}
