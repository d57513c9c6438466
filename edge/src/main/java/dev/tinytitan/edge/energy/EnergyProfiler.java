package dev.tinytitan.edge.energy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Measures what one run takes, with the best that is at hand: a meter, else a model of its counted
 * operations, else a share of the processor's power. Once a meter has measured two kinds of work,
 * the model is fitted to what it said, and {@link #reckon} goes by that. Not thread-safe.
 */
public final class EnergyProfiler {
  private final Optional<EnergyMeter> meter;
  private final OperationModel model;
  private final PowerShare share;
  private final int threads;
  private final List<OperationModel.Observation> observations = new ArrayList<>();

  /**
   * @param meter the machine's meter, if it has one
   * @param model for machines without
   * @param share for work whose operations are not known
   * @param threads how many cores the work keeps busy, where no meter says what they take
   */
  public EnergyProfiler(
      Optional<EnergyMeter> meter, OperationModel model, PowerShare share, int threads) {
    this.meter = meter;
    this.model = model;
    this.share = share;
    this.threads = threads;
  }

  /** One that uses what this machine has. */
  public static EnergyProfiler ofThisMachine(int threads) {
    return new EnergyProfiler(
        Meters.find().best(), OperationModel.published(), PowerShare.unknownProcessor(), threads);
  }

  /** Whether a meter measures here, at least at first. */
  public boolean hasMeter() {
    return meter.isPresent();
  }

  /**
   * What one run takes.
   *
   * @param secondsPerRun the mean
   * @param energy of one run
   */
  public record Profile(double secondsPerRun, EnergyReading energy) {}

  /**
   * Runs work over and over.
   *
   * <p>With a meter, the machine is first watched at rest: the lower bound leaves out what it takes
   * then, the value and the upper bound do not.
   *
   * @param count the operations of one run, if known
   * @param work one run; warmed up
   * @param time how long to run at least; a battery needs several seconds
   */
  public Profile measure(Optional<OperationCount> count, Runnable work, Duration time) {
    double restWatts = meter.map(each -> watts(each, time.dividedBy(4))).orElse(0.0);
    OptionalDouble before = meter.map(EnergyMeter::joules).orElse(OptionalDouble.empty());
    long start = System.nanoTime();
    long runs = 0;
    do {
      work.run();
      runs++;
    } while (System.nanoTime() - start < time.toNanos());
    double seconds = (System.nanoTime() - start) * 1e-9;
    OptionalDouble after = meter.map(EnergyMeter::joules).orElse(OptionalDouble.empty());
    if (before.isPresent() && after.isPresent() && after.getAsDouble() > before.getAsDouble()) {
      EnergyMeter used = meter.orElseThrow();
      double joules = after.getAsDouble() - before.getAsDouble();
      double off = used.uncertainty() * joules;
      double atRest = Math.min(joules, Math.max(0, restWatts) * seconds);
      double joulesOfRun = joules / runs;
      double busy = seconds / runs * threads;
      count.ifPresent(operations ->
          observations.add(new OperationModel.Observation(operations, busy, joulesOfRun)));
      Estimate all = new Estimate(Math.max(0, joules - atRest - off), joules, joules + off);
      return new Profile(
          seconds / runs,
          new EnergyReading(all.times(1.0 / runs), used.kind(), used.description()));
    }
    return new Profile(seconds / runs, reckon(count, seconds / runs));
  }

  /**
   * What a run of known duration takes, by the model; the fitted one where a meter measured before.
   *
   * @param count its operations, if known
   * @param seconds how long it takes
   */
  public EnergyReading reckon(Optional<OperationCount> count, double seconds) {
    double busy = seconds * threads;
    OperationModel own = observations.size() < 2 ? model : OperationModel.fitted(observations);
    return count
        .map(operations -> own.estimate(operations, busy))
        .orElseGet(() -> share.estimate(busy));
  }

  private static double watts(EnergyMeter meter, Duration time) {
    OptionalDouble before = meter.joules();
    long start = System.nanoTime();
    try {
      Thread.sleep(time);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    OptionalDouble after = meter.joules();
    double seconds = (System.nanoTime() - start) * 1e-9;
    return before.isPresent() && after.isPresent()
        ? (after.getAsDouble() - before.getAsDouble()) / seconds
        : 0;
  }
}
