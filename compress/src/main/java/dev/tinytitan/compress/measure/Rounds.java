package dev.tinytitan.compress.measure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures contenders in turns, so that what slows the machine for a while slows all of them alike.
 * Ratios of medians from one measurement can be compared; times of different measurements cannot.
 */
public final class Rounds {
  private static final long BATCH_NANOS = 20_000;

  /** A turn: long enough to win back the caches that the others used. */
  private static final long TURN_NANOS = 2_000_000;

  private final Duration warmUp;
  private final Duration time;
  private final int minRounds;

  /**
   * @param warmUp how long each contender runs before anything counts
   * @param time how long each contender is measured
   * @param minRounds the fewest turns each contender gets, however long they take
   */
  public Rounds(Duration warmUp, Duration time, int minRounds) {
    this.warmUp = warmUp;
    this.time = time;
    this.minRounds = minRounds;
  }

  /** Measures; the result has the contenders' order. */
  public List<Timings> measure(List<? extends Contender> contenders) {
    List<Lane> lanes = new ArrayList<>();
    for (Contender contender : contenders) {
      lanes.add(new Lane(contender));
    }
    // Warm up in turns as well: the JIT compiler decides on what it sees.
    long warmUpNanos = warmUp.toNanos() / 4;
    for (int pass = 0; pass < 4; pass++) {
      for (Lane lane : lanes) {
        lane.warmUp(warmUpNanos);
      }
    }
    long budget = time.toNanos() * lanes.size();
    long start = System.nanoTime();
    for (int round = 0; round < minRounds || System.nanoTime() - start < budget; round++) {
      for (Lane lane : lanes) {
        lane.turn();
      }
    }
    return lanes.stream().map(Lane::timings).toList();
  }

  private static final class Lane {
    private final Contender contender;
    private final List<Double> samples = new ArrayList<>();
    private int batch = 1;

    Lane(Contender contender) {
      this.contender = contender;
    }

    void warmUp(long nanos) {
      long start = System.nanoTime();
      long runs = 0;
      long elapsed;
      do {
        contender.run();
        runs++;
        elapsed = System.nanoTime() - start;
      } while (elapsed < nanos);
      batch = Math.clamp(BATCH_NANOS * runs / Math.max(1, elapsed), 1, 10_000);
    }

    void turn() {
      // The first batch refills the caches and does not count where there is time for more.
      contender.run();
      long start = System.nanoTime();
      long before = start;
      do {
        for (int i = 0; i < batch; i++) {
          contender.run();
        }
        long now = System.nanoTime();
        samples.add((now - before) / (double) batch);
        before = now;
      } while (before - start < TURN_NANOS);
    }

    Timings timings() {
      return new Timings(
          contender.name(), samples.stream().mapToDouble(Double::doubleValue).toArray());
    }
  }
}
