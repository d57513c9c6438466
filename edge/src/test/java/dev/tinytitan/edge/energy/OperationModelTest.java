package dev.tinytitan.edge.energy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.edge.energy.OperationModel.Observation;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.zoo.Zoo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OperationModelTest {
  private static final OperationCount COUNT =
      new OperationCount(1_000_000, 2_000_000, 100_000, 50_000);

  @Test
  void publishedEnergiesAddUp() {
    EnergyReading reading = OperationModel.published().estimate(COUNT, 0);
    double arithmetic = 1e6 * 4.6e-12 + 2e6 * 0.3e-12;
    double instructions = (1e6 / 8 + 2e6 / 32) * 70e-12;
    double memory = 150_000 * 12.5e-12;
    assertThat(reading.joules().value())
        .isCloseTo(arithmetic + instructions + memory, within(1e-12));
    assertThat(reading.meter()).isEqualTo(MeterKind.MODEL);
    assertThat(reading.joules().low()).isLessThan(reading.joules().value());
    assertThat(reading.joules().high()).isGreaterThan(reading.joules().value());
  }

  @Test
  void integersTakeLessThanFloats() {
    OperationModel model = OperationModel.published();
    double floats = model.estimate(new OperationCount(1_000_000, 0, 0, 0), 0).joules().value();
    double integers = model.estimate(new OperationCount(0, 1_000_000, 0, 0), 0).joules().value();
    assertThat(integers).isLessThan(floats / 4);
  }

  @Test
  void fittingFindsWhatAMachineTakes() {
    OperationModel truth = new OperationModel(0.35, 4.2, 0);
    Random random = new Random(3);
    List<Observation> seen = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      OperationCount count =
          new OperationCount(random.nextInt(100_000_000), random.nextInt(100_000_000), 1000, 1000);
      double seconds = 1e-4 + random.nextDouble() * 1e-3;
      double noise = 1 + 0.02 * random.nextGaussian();
      seen.add(
          new Observation(count, seconds, truth.estimate(count, seconds).joules().value() * noise));
    }
    OperationModel fitted = OperationModel.fitted(seen);
    assertThat(fitted.scale()).isCloseTo(0.35, within(0.05));
    assertThat(fitted.busyWatts()).isCloseTo(4.2, within(0.5));
    assertThat(fitted.uncertainty()).isBetween(0.001, 0.05);
    Estimate estimate = fitted.estimate(COUNT, 1e-3).joules();
    assertThat(estimate.high() / estimate.low()).isLessThan(1.12);
  }

  @Test
  void fittingNeverGivesNegativeEnergies() {
    OperationCount large = new OperationCount(10_000_000, 0, 0, 0);
    OperationModel busy =
        OperationModel.fitted(
            List.of(new Observation(COUNT, 1e-3, 4e-3), new Observation(large, 1e-3, 3e-3)));
    assertThat(busy.scale()).isZero();
    assertThat(busy.busyWatts()).isPositive();
    OperationModel idle =
        OperationModel.fitted(
            List.of(new Observation(COUNT, 1e-2, 1e-5), new Observation(large, 1e-6, 2e-4)));
    assertThat(idle.busyWatts()).isBetween(0.0, 1e-3);
    assertThatThrownBy(() -> OperationModel.fitted(List.of(new Observation(COUNT, 1, 1))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void graphsAreCounted() {
    var model = Zoo.build("mlp", new Zoo.Task(Shape.of(10), 3, true, 0, 1), 1);
    OperationCount count =
        OperationCount.of(model.graph(), Map.of("input", Shape.of(1, 10))).orElseThrow();
    assertThat(count.multiplyAdds()).isEqualTo(10 * 64 + 64 * 64 + 64 * 3);
    assertThat(count.integerMultiplyAdds()).isZero();
    assertThat(count.weightBytes()).isEqualTo(4 * (10 * 64 + 64 + 64 * 64 + 64 + 64 * 3 + 3));
    assertThat(count.activationBytes()).isPositive();
  }

  private static EnergyMeter counter(double[] joules) {
    return new EnergyMeter() {
      @Override
      public MeterKind kind() {
        return MeterKind.RAPL;
      }

      @Override
      public String description() {
        return "a counter";
      }

      @Override
      public double uncertainty() {
        return 0.05;
      }

      @Override
      public OptionalDouble joules() {
        return OptionalDouble.of(joules[0]);
      }
    };
  }

  @Test
  void aMeterIsPreferredAndSplitOverRuns() {
    double[] joules = {0};
    EnergyMeter meter = counter(joules);
    EnergyProfiler profiler =
        new EnergyProfiler(
            Optional.of(meter), OperationModel.published(), PowerShare.unknownProcessor(), 1);
    EnergyProfiler.Profile profile =
        profiler.measure(Optional.of(COUNT), () -> joules[0] += 0.5, Duration.ofMillis(2));
    assertThat(profile.energy().joules().value()).isCloseTo(0.5, within(1e-9));
    assertThat(profile.energy().joules().low()).isCloseTo(0.475, within(1e-9));
    assertThat(profile.energy().meter()).isEqualTo(MeterKind.RAPL);
    assertThat(profiler.reckon(Optional.empty(), 0.001).meter()).isEqualTo(MeterKind.POWER_SHARE);
  }

  /**
   * A machine of exactly three times the published energies: a model fitted to its meter says so.
   */
  @Test
  void whatAMeterSaidIsWhatTheModelIsFittedTo() {
    double[] joules = {0};
    EnergyProfiler profiler =
        new EnergyProfiler(
            Optional.of(counter(joules)),
            OperationModel.published(),
            PowerShare.unknownProcessor(),
            1);
    OperationModel truth = new OperationModel(3, 0, 0);
    OperationCount small = new OperationCount(1_000_000, 0, 10_000, 10_000);
    OperationCount large = new OperationCount(50_000_000, 0, 4_000_000, 100_000);
    assertThat(profiler.reckon(Optional.of(small), 1e-3).detail()).doesNotContain("fitted");
    for (OperationCount count : List.of(small, large)) {
      double own = truth.estimate(count, 0).joules().value();
      profiler.measure(Optional.of(count), () -> joules[0] += own, Duration.ofMillis(2));
    }
    OperationCount other = new OperationCount(7_000_000, 0, 900_000, 50_000);
    EnergyReading reading = profiler.reckon(Optional.of(other), 1e-9);
    assertThat(reading.detail()).contains("fitted to this machine's meter");
    double wanted = truth.estimate(other, 0).joules().value();
    assertThat(reading.joules().value()).isCloseTo(wanted, within(0.02 * wanted));
  }
}
