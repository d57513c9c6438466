package dev.tinytitan.compress.statistics;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * How much a figure of samples would differ on other samples of the same kind: it is worked out
 * again for samples drawn, with repetition, from those that there are (Efron 1979). The same
 * samples give the same result.
 */
public final class Bootstrap {
  private static final int ROUNDS = 400;
  private static final long SEED = 1;
  private static final double TAIL = 0.025;

  private Bootstrap() {}

  /**
   * A figure with its 95 % interval, of percentiles.
   *
   * @param count how many samples, at least 1
   * @param value the figure of all of them
   * @param figure of the samples of these numbers
   */
  public static Interval interval(int count, double value, ToDoubleFunction<int[]> figure) {
    double[] figures = figures(count, figure);
    Arrays.sort(figures);
    int tail = (int) (TAIL * ROUNDS);
    return new Interval(
        value, Math.min(value, figures[tail]), Math.max(value, figures[ROUNDS - 1 - tail]));
  }

  /**
   * The standard error of a figure.
   *
   * @param count how many samples, at least 1
   * @param figure of the samples of these numbers
   */
  public static double error(int count, ToDoubleFunction<int[]> figure) {
    double[] figures = figures(count, figure);
    double mean = Arrays.stream(figures).average().orElse(0);
    double squares = Arrays.stream(figures).map(each -> (each - mean) * (each - mean)).sum();
    return Math.sqrt(squares / (ROUNDS - 1));
  }

  private static double[] figures(int count, ToDoubleFunction<int[]> figure) {
    SplittableRandom random = new SplittableRandom(SEED);
    double[] figures = new double[ROUNDS];
    int[] chosen = new int[count];
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < count; i++) {
        chosen[i] = random.nextInt(count);
      }
      figures[round] = figure.applyAsDouble(chosen);
    }
    return figures;
  }
}
