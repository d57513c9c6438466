package dev.tinytitan.bench.elastic;

import dev.tinytitan.SessionOptions;
import dev.tinytitan.edge.elastic.ElasticModel;
import dev.tinytitan.edge.elastic.ElasticSession;
import dev.tinytitan.edge.elastic.OperatingPoint;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * What a switch between points costs: the call, and how much longer the first run at the new point
 * is than its runs usually are (its weights left the caches). Argument: an elastic ONNX file.
 */
public final class SwitchTime {
  private static final int ROUNDS = 300;
  private static final int RUNS = 5;

  private SwitchTime() {}

  /** Runs the measurement. */
  public static void main(String[] args) {
    ElasticModel model = ElasticModel.load(Path.of(args[0]));
    try (ElasticSession session =
        ElasticSession.open(model, SessionOptions.defaults().withThreads(1))) {
      Tensor sample = session.sample();
      int points = session.points().size();
      double[] call = new double[ROUNDS * points];
      double[] extra = new double[ROUNDS * points];
      for (int warm = 0; warm < 2; warm++) {
        for (int round = 0; round < ROUNDS; round++) {
          for (int i = 0; i < points; i++) {
            OperatingPoint point = session.points().get(i);
            long start = System.nanoTime();
            session.use(point);
            long used = System.nanoTime();
            session.run(sample);
            long first = System.nanoTime() - used;
            long best = Long.MAX_VALUE;
            for (int run = 0; run < RUNS; run++) {
              long again = System.nanoTime();
              session.run(sample);
              best = Math.min(best, System.nanoTime() - again);
            }
            call[round * points + i] = (used - start) / 1e3;
            extra[round * points + i] = (used - start + first - best) / 1e3;
          }
        }
      }
      print("the call", call);
      print("with the first run's delay", extra);
    }
  }

  private static void print(String what, double[] micros) {
    Arrays.sort(micros);
    System.out.printf(
        Locale.ROOT,
        "switch, %s: median %.2f µs, 99 %% %.2f µs, most %.1f µs (%d switches)%n",
        what,
        micros[micros.length / 2],
        micros[micros.length * 99 / 100],
        micros[micros.length - 1],
        micros.length);
  }
}
