package dev.tinytitan.compress.quantize;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Chooses between the levels below and above for all weights of a channel together, by gradient
 * descent (Nagel et al. 2020, AdaRound): each weight has a variable that says how far up it is, and
 * a regularizer that grows drives it to one of the ends. The gradient of the outputs' error needs
 * only H, so that every step sees all calibration data.
 */
final class AdaRound {
  private static final int MOST_STEPS = 1000;
  private static final int FEWEST_STEPS = 250;

  /** Multiply-adds a layer may take, as far as the fewest steps allow. */
  private static final double WORK = 3e10;

  private static final float RATE = 0.03f;
  private static final float KEEP_MEAN = 0.9f;
  private static final float KEEP_SQUARE = 0.999f;

  /** Strength of the regularizer, for errors counted in squared steps of a weight. */
  private static final float STRENGTH = 0.2f;

  /** The share of the steps without a regularizer. */
  private static final float WARM_UP = 0.2f;

  private static final float SHARPEST = 20;
  private static final float BLUNTEST = 2;

  /** The ends of the stretched sigmoid: cut to 0 and 1, so that both can be reached. */
  private static final float LOW = -0.1f;

  private static final float HIGH = 1.1f;

  /** Channels that go through H together: each of its rows is then read once for all of them. */
  private static final int BLOCK = 4;

  private final RoundingProblem problem;
  private final float[][] hessian;
  private final int steps;

  private AdaRound(RoundingProblem problem) {
    this.problem = problem;
    int width = problem.width();
    this.hessian = new float[width][width];
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < width; j++) {
        hessian[i][j] = (float) problem.hessian()[i][j];
      }
    }
    double work = (double) problem.rows() * width * width;
    this.steps = (int) Math.clamp(WORK / work, FEWEST_STEPS, MOST_STEPS);
  }

  static void round(RoundingProblem problem) {
    AdaRound rounding = new AdaRound(problem);
    IntStream.range(0, Math.ceilDiv(problem.rows(), BLOCK))
        .parallel()
        .forEach(
            block -> rounding.round(block * BLOCK, Math.min(problem.rows(), (block + 1) * BLOCK)));
  }

  /** One channel while its variables move. */
  private final class Channel {
    private final int row;
    private final float[] floor;
    private final float[] target;
    private final float[] scale;
    private final float[] variable;
    private final float[] mean;
    private final float[] square;
    private final float[] difference;
    private final float[] gradient;

    /** Brings squared errors of outputs to squared steps of a weight. */
    private final float unit;

    Channel(int row) {
      int width = problem.width();
      this.row = row;
      this.floor = new float[width];
      this.target = new float[width];
      this.scale = problem.scales()[row];
      this.variable = new float[width];
      this.mean = new float[width];
      this.square = new float[width];
      this.difference = new float[width];
      this.gradient = new float[width];
      double sum = 0;
      for (int i = 0; i < width; i++) {
        double weight = problem.target()[row][i];
        double down = Math.floor(weight / scale[i]);
        floor[i] = (float) down;
        target[i] = (float) weight;
        double up = Math.clamp(weight / scale[i] - down, 0.01, 0.99);
        double sigmoid = (up - LOW) / (HIGH - LOW);
        variable[i] = (float) Math.log(sigmoid / (1 - sigmoid));
        sum += problem.hessian()[i][i] * scale[i] * scale[i];
      }
      this.unit = (float) (width / sum);
    }

    private int lowest(int i) {
      return problem.lowest() - problem.zeroPoints()[row][i];
    }

    private int highest(int i) {
      return problem.highest() - problem.zeroPoints()[row][i];
    }

    void place() {
      for (int i = 0; i < variable.length; i++) {
        float level = Math.clamp(floor[i] + up(variable[i]), lowest(i), highest(i));
        difference[i] = level * scale[i] - target[i];
      }
    }

    void step(int number) {
      float progress = (float) number / steps;
      boolean regularized = progress >= WARM_UP;
      float annealed = Math.clamp((progress - WARM_UP) / (1 - WARM_UP), 0, 1);
      float sharpness = SHARPEST + (BLUNTEST - SHARPEST) * annealed;
      float fixMean = 1 / (1 - (float) Math.pow(KEEP_MEAN, number + 1));
      float fixSquare = 1 / (1 - (float) Math.pow(KEEP_SQUARE, number + 1));
      for (int i = 0; i < variable.length; i++) {
        float sigmoid = sigmoid(variable[i]);
        float up = Math.clamp(LOW + (HIGH - LOW) * sigmoid, 0, 1);
        float slope = up > 0 && up < 1 ? (HIGH - LOW) * sigmoid * (1 - sigmoid) : 0;
        float level = floor[i] + up;
        boolean inside = level >= lowest(i) && level <= highest(i);
        float total = inside ? 2 * unit * gradient[i] * scale[i] : 0;
        if (regularized) {
          float side = 2 * up - 1;
          total -=
              STRENGTH
                  * 2
                  * sharpness
                  * (float) Math.pow(Math.abs(side), sharpness - 1)
                  * Math.signum(side);
        }
        total *= slope;
        mean[i] = KEEP_MEAN * mean[i] + (1 - KEEP_MEAN) * total;
        square[i] = KEEP_SQUARE * square[i] + (1 - KEEP_SQUARE) * total * total;
        variable[i] -=
            RATE * mean[i] * fixMean / ((float) Math.sqrt(square[i] * fixSquare) + 1e-8f);
      }
    }

    void store() {
      for (int i = 0; i < variable.length; i++) {
        int level = (int) floor[i] + (up(variable[i]) >= 0.5f ? 1 : 0);
        problem.levels()[row][i] =
            Math.clamp(level + problem.zeroPoints()[row][i], problem.lowest(), problem.highest());
      }
    }
  }

  private static float sigmoid(float x) {
    return 1 / (1 + (float) Math.exp(-x));
  }

  private static float up(float variable) {
    return Math.clamp(LOW + (HIGH - LOW) * sigmoid(variable), 0, 1);
  }

  private void round(int from, int to) {
    Channel[] channels = new Channel[to - from];
    for (int i = 0; i < channels.length; i++) {
      channels[i] = new Channel(from + i);
    }
    for (int step = 0; step < steps; step++) {
      for (Channel channel : channels) {
        channel.place();
        Arrays.fill(channel.gradient, 0);
      }
      for (int i = 0; i < hessian.length; i++) {
        float[] line = hessian[i];
        for (Channel channel : channels) {
          addScaled(channel.gradient, line, channel.difference[i]);
        }
      }
      for (Channel channel : channels) {
        channel.step(step);
      }
    }
    for (Channel channel : channels) {
      channel.store();
    }
  }

  private static void addScaled(float[] sum, float[] row, float factor) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * row[i];
    }
  }
}
