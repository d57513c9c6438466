package dev.tinytitan.compress.quantize;

import java.util.stream.IntStream;

/**
 * Looks at each weight again while all others stay, and moves it to the level that makes the
 * channel's error least, until none moves (Behdin et al. 2023, QuantEase). The error only falls.
 */
final class CoordinateDescent {
  private static final int MOST_SWEEPS = 25;

  private CoordinateDescent() {}

  static void improve(RoundingProblem problem) {
    IntStream.range(0, problem.rows()).parallel().forEach(row -> improve(problem, row));
  }

  private static void improve(RoundingProblem problem, int row) {
    int[] levels = problem.levels()[row];
    double[] difference = problem.difference(row);
    double[] slope = problem.times(difference);
    boolean moved = true;
    for (int sweep = 0; sweep < MOST_SWEEPS && moved; sweep++) {
      moved = false;
      for (int i = 0; i < levels.length; i++) {
        double[] line = problem.hessian()[i];
        double weight = problem.weight(row, i, levels[i]);
        int level = problem.nearest(row, i, weight - slope[i] / line[i]);
        double step = problem.weight(row, i, level) - weight;
        // Strictly better: else two equal choices would take turns.
        if (level != levels[i] && step * (2 * slope[i] + step * line[i]) < 0) {
          levels[i] = level;
          RoundingProblem.addScaled(slope, line, step);
          moved = true;
        }
      }
    }
  }
}
