package dev.tinytitan.cli.bench;

import dev.tinytitan.edge.energy.OperationCount;
import dev.tinytitan.kernel.PeakProbe;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * How much of what this processor can do at most a model's run comes to: the time its multiply-adds
 * would take if arithmetic on registers were all there is, by the time it took. Those of 8-bit
 * integers are set against the peak of dot products, others against that of float32.
 *
 * @param peaks of one thread
 */
public record PeakShare(PeakProbe.Peaks peaks) {

  /** Measures the peaks for about a second; empty where no code can be generated. */
  public static Optional<PeakShare> measure() {
    return ServiceLoader.load(PeakProbe.class)
        .findFirst()
        .filter(probe -> probe.problem().isEmpty())
        .map(PeakProbe::measure)
        .map(PeakShare::new);
  }

  /**
   * The share of one run.
   *
   * @param operations of the run
   * @param nanos the time it took
   * @param threads that it may have used
   * @return from 0 to about 1; more is possible where zeros are left out
   */
  public double of(OperationCount operations, double nanos, int threads) {
    double least =
        operations.floatMultiplyAdds() / peaks.floatGmacs()
            + operations.integerMultiplyAdds() / peaks.byteGmacs();
    return least / nanos / threads;
  }
}
