package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoundingProblemTest {
  private static final float SCALE = 0.5f;

  /** Channels with weights of a few steps, and inputs that depend on each other. */
  private static RoundingProblem problem(int rows, int width, long seed) {
    Random random = new Random(seed);
    double[][] mixture = new double[width][width];
    for (double[] line : mixture) {
      for (int i = 0; i < width; i++) {
        line[i] = 0.6 + random.nextGaussian();
      }
    }
    double[][] hessian = new double[width][width];
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < width; j++) {
        for (int k = 0; k < width; k++) {
          hessian[i][j] += mixture[i][k] * mixture[j][k] / width;
        }
        hessian[i][j] += i == j ? 0.05 : 0;
      }
    }
    double[][] target = new double[rows][width];
    for (double[] line : target) {
      for (int i = 0; i < width; i++) {
        line[i] = random.nextGaussian();
      }
    }
    float[][] scales = new float[rows][width];
    for (float[] line : scales) {
      Arrays.fill(line, SCALE);
    }
    RoundingProblem problem =
        new RoundingProblem(
            target, hessian, scales, new int[rows][width], -8, 7, new int[rows][width]);
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < width; i++) {
        problem.levels()[row][i] = problem.nearest(row, i, target[row][i]);
      }
    }
    return problem;
  }

  private static double error(RoundingProblem problem) {
    double sum = 0;
    for (int row = 0; row < problem.rows(); row++) {
      sum += problem.error(row);
    }
    return sum;
  }

  /** The least error there is, found by trying the three levels around each weight. */
  private static double least(RoundingProblem problem, int row, int column) {
    if (column == problem.width()) {
      return problem.error(row);
    }
    int nearest = problem.nearest(row, column, problem.target()[row][column]);
    double least = Double.POSITIVE_INFINITY;
    for (int level = nearest - 1; level <= nearest + 1; level++) {
      problem.levels()[row][column] = Math.clamp(level, -8, 7);
      least = Math.min(least, least(problem, row, column + 1));
    }
    return least;
  }

  @Test
  void bothComeNearTheLeastErrorThereIs() {
    double nearest = 0;
    double least = 0;
    double gptq = 0;
    double adaRound = 0;
    for (int seed = 0; seed < 40; seed++) {
      nearest += error(problem(1, 7, seed));
      least += least(problem(1, 7, seed), 0, 0);
      RoundingProblem one = problem(1, 7, seed);
      Gptq.round(one);
      CoordinateDescent.improve(one);
      gptq += error(one);
      RoundingProblem other = problem(1, 7, seed);
      AdaRound.round(other);
      CoordinateDescent.improve(other);
      adaRound += error(other);
    }
    assertThat(least).isLessThan(0.5 * nearest);
    assertThat(gptq).isBetween(least, 1.4 * least);
    assertThat(adaRound).isBetween(least, 1.4 * least);
  }

  @ParameterizedTest
  @ValueSource(ints = {33, 96})
  void bothBeatTheNearestLevelsByFar(int width) {
    double nearest = error(problem(13, width, 5));
    RoundingProblem gptq = problem(13, width, 5);
    Gptq.round(gptq);
    assertThat(error(gptq)).isLessThan(0.6 * nearest);
    RoundingProblem adaRound = problem(13, width, 5);
    AdaRound.round(adaRound);
    assertThat(error(adaRound)).isLessThan(0.6 * nearest);
  }

  @Test
  void lookingAgainOnlyHelps() {
    RoundingProblem problem = problem(20, 40, 6);
    Gptq.round(problem);
    double before = error(problem);
    CoordinateDescent.improve(problem);
    double after = error(problem);
    assertThat(after).isLessThan(before);
    problem.fitScales();
    assertThat(error(problem)).isLessThan(after);
  }

  /** The paper's form: the first weight takes its level, the others move by the inverse of H. */
  @Test
  void gptqCarriesErrorsOverAsThePaperSays() {
    RoundingProblem problem = problem(1, 2, 7);
    double[][] h = problem.hessian();
    int first = h[0][0] > h[1][1] ? 0 : 1;
    double[] t = problem.target()[0];
    int level = problem.nearest(0, first, t[first]);
    double error = problem.weight(0, first, level) - t[first];
    double moved = t[1 - first] - error * h[0][1] / h[1 - first][1 - first];
    Gptq.round(problem);
    assertThat(problem.levels()[0][first]).isEqualTo(level);
    assertThat(problem.levels()[0][1 - first]).isEqualTo(problem.nearest(0, 1 - first, moved));
  }

  @Test
  void levelsStayWithinTheirBits() {
    RoundingProblem problem = problem(4, 24, 8);
    for (double[] line : problem.target()) {
      for (int i = 0; i < line.length; i++) {
        line[i] *= 6;
      }
    }
    Gptq.round(problem);
    for (int[] line : problem.levels()) {
      assertThat(Arrays.stream(line)).allMatch(level -> level >= -8 && level <= 7);
    }
    AdaRound.round(problem);
    CoordinateDescent.improve(problem);
    for (int[] line : problem.levels()) {
      assertThat(Arrays.stream(line)).allMatch(level -> level >= -8 && level <= 7);
    }
  }

  @Test
  void theErrorIsThatOfTheOutputs() {
    RoundingProblem problem = problem(1, 2, 9);
    double[] d = problem.difference(0);
    double[][] h = problem.hessian();
    assertThat(problem.error(0))
        .isCloseTo(
            d[0] * d[0] * h[0][0] + 2 * d[0] * d[1] * h[0][1] + d[1] * d[1] * h[1][1],
            within(1e-12));
  }
}
