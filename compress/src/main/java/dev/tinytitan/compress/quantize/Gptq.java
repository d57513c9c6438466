package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.math.Cholesky;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Rounds the weights of each output channel one after the other, and lets those that are left make
 * up for the error so far (Frantar et al. 2022, GPTQ). The weights whose inputs are strongest come
 * first ("act-order"): while most others can still make up for them.
 *
 * <p>With {@code H = L Lᵀ}, rows and columns in reverse order of rounding, the error is the squared
 * length of {@code (w - t) L}; each weight is chosen so that its own element of that is least,
 * which is the same as the updates by the inverse of H in the paper.
 */
final class Gptq {
  private Gptq() {}

  static void round(RoundingProblem problem) {
    int width = problem.width();
    int[] order = order(problem);
    double[][] permuted = new double[width][width];
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < width; j++) {
        permuted[i][j] = problem.hessian()[order[i]][order[j]];
      }
    }
    // H is damped already; this only guards against rounding errors.
    Cholesky factor = Cholesky.damped(permuted, 1e-9);
    IntStream.range(0, problem.rows())
        .parallel()
        .forEach(row -> round(problem, row, order, factor));
  }

  /** The columns, the one that is rounded first at the end. */
  private static int[] order(RoundingProblem problem) {
    return IntStream.range(0, problem.width())
        .boxed()
        .sorted(Comparator.comparingDouble(i -> problem.hessian()[i][i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static void round(RoundingProblem problem, int row, int[] order, Cholesky factor) {
    double[] target = problem.target()[row];
    double[] carried = new double[order.length];
    for (int i = order.length - 1; i >= 0; i--) {
      int column = order[i];
      double[] line = factor.row(i);
      double wanted = target[column] - carried[i] / line[i];
      int level = problem.nearest(row, column, wanted);
      problem.levels()[row][column] = level;
      double difference = problem.weight(row, column, level) - target[column];
      for (int j = 0; j < i; j++) {
        carried[j] += difference * line[j];
      }
    }
  }
}
