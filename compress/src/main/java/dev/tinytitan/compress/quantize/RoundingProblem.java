package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.math.HessianAccumulator;
import java.util.Arrays;

/**
 * Which stored numbers make a group of output channels' outputs least wrong: those for which {@code
 * Σ (w - t)ᵀ H (w - t)} is least, where {@code w} are the weights that the numbers stand for, one
 * row for each channel. Numbers and scales are changed in place.
 *
 * @param target t, the weights that would be best if any number could be stored
 * @param hessian H, symmetric and positive definite
 * @param scales what a step is worth, for each weight
 * @param zeroPoints the number that stands for 0, for each weight
 * @param lowest the least number that may be stored
 * @param highest the greatest
 * @param levels the numbers
 */
@SuppressWarnings("ArrayRecordComponent") // Changed in place by its solvers, never compared.
record RoundingProblem(
    double[][] target,
    double[][] hessian,
    float[][] scales,
    int[][] zeroPoints,
    int lowest,
    int highest,
    int[][] levels) {

  /**
   * The share of the mean mean square that is added to each: what was never seen counts a little.
   */
  static final double DAMPING = 0.01;

  /** H of what was seen. */
  static double[][] damped(HessianAccumulator.Moments moments) {
    int width = moments.width();
    double added = added(moments);
    double[][] hessian = new double[width][];
    for (int i = 0; i < width; i++) {
      hessian[i] = moments.covariance()[i].clone();
      hessian[i][i] += added;
    }
    return hessian;
  }

  /** What damping adds to the diagonal. */
  static double added(HessianAccumulator.Moments moments) {
    double sum = 0;
    for (int i = 0; i < moments.width(); i++) {
      sum += moments.covariance()[i][i];
    }
    return DAMPING * sum / moments.width() + Float.MIN_NORMAL;
  }

  /** The number of channels. */
  int rows() {
    return target.length;
  }

  /** Weights of a channel. */
  int width() {
    return hessian.length;
  }

  /** The number that comes nearest to a weight. */
  int nearest(int row, int column, double weight) {
    double steps = Math.rint(weight / scales[row][column]) + zeroPoints[row][column];
    return (int) Math.clamp(steps, lowest, highest);
  }

  /** The weight that a stored number stands for. */
  double weight(int row, int column, int level) {
    return (double) scales[row][column] * (level - zeroPoints[row][column]);
  }

  /** How far a channel's weights are from the target. */
  double[] difference(int row) {
    double[] difference = new double[width()];
    for (int i = 0; i < difference.length; i++) {
      difference[i] = weight(row, i, levels[row][i]) - target[row][i];
    }
    return difference;
  }

  /** H times a vector. */
  double[] times(double[] vector) {
    double[] product = new double[vector.length];
    for (int i = 0; i < vector.length; i++) {
      if (vector[i] != 0) {
        addScaled(product, hessian[i], vector[i]);
      }
    }
    return product;
  }

  /** The error of a channel's outputs: the mean square, of what is seen of it in calibration. */
  double error(int row) {
    double[] difference = difference(row);
    double[] product = times(difference);
    double error = 0;
    for (int i = 0; i < difference.length; i++) {
      error += difference[i] * product[i];
    }
    return error;
  }

  /** Gives each channel, whose weights share a scale, the best one for its levels. */
  void fitScales() {
    for (int row = 0; row < rows(); row++) {
      double[] steps = new double[width()];
      for (int i = 0; i < steps.length; i++) {
        steps[i] = levels[row][i] - zeroPoints[row][i];
      }
      double[] product = times(steps);
      double square = 0;
      double projection = 0;
      for (int i = 0; i < steps.length; i++) {
        square += steps[i] * product[i];
        projection += target[row][i] * product[i];
      }
      float best = (float) (projection / square);
      if (best >= Float.MIN_NORMAL && Float.isFinite(best)) {
        Arrays.fill(scales[row], best);
      }
    }
  }

  /** Adds a row, scaled, to a sum. */
  static void addScaled(double[] sum, double[] row, double factor) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * row[i];
    }
  }
}
