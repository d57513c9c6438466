package dev.tinytitan.compress.measure;

import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Measures models beside one that they are compared with, in turns, so that what slows the machine
 * slows both. Serves one thread; the caller closes it.
 */
public final class LatencyMeter implements AutoCloseable {
  private static final int MIN_ROUNDS = 8;

  private final Map<String, Tensor> inputs;
  private final SessionOptions options;
  private final Rounds rounds;
  private final BindingContender first;

  /**
   * The medians of one measurement.
   *
   * @param originalNanos of the model that others are compared with
   * @param candidateNanos of the other
   */
  public record Latency(double originalNanos, double candidateNanos) {
    /** The candidate's share of the original's time; below 1 is faster. */
    public double ratio() {
      return candidateNanos / originalNanos;
    }
  }

  /**
   * A meter for one thread.
   *
   * @param original what others are compared with
   * @param inputs of both models
   * @param time how long each model warms up, and how long it is measured
   */
  public LatencyMeter(Model original, Map<String, Tensor> inputs, Duration time) {
    this.inputs = Map.copyOf(inputs);
    this.options = SessionOptions.defaults().withThreads(1);
    this.rounds = new Rounds(time, time, MIN_ROUNDS);
    this.first = new BindingContender("original", original.open(options), inputs);
  }

  /** Measures both models in turns. */
  public Latency measure(Model candidate) {
    try (BindingContender other =
        new BindingContender("candidate", candidate.open(options), inputs)) {
      List<Timings> timings = rounds.measure(List.of(first, other));
      return new Latency(timings.get(0).median(), timings.get(1).median());
    }
  }

  @Override
  public void close() {
    first.close();
  }
}
