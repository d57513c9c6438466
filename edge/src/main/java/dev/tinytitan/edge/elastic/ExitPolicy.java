package dev.tinytitan.edge.elastic;

import dev.tinytitan.BadDataException;
import dev.tinytitan.compress.statistics.PairedDrop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * When an early answer is good enough: when its calibrated confidence reaches a threshold. The
 * threshold is the lowest of which the data say, at 95 % confidence, that answers get worse by at
 * most what is allowed (risk control by fixed-sequence testing; Angelopoulos et al. 2021, "Learn
 * then Test"). Confidence is calibrated by a temperature for each exit (Guo et al. 2017).
 *
 * @param temperatures for each exit but the last; confidence is the greatest of the probabilities
 *     to the power of 1 / temperature, rescaled to a sum of 1
 * @param threshold of confidence, 0 to above 1; above 1 no early answer is taken
 * @param dropBound how much accuracy is lost at most, 0 to 1, at 95 % confidence
 */
public record ExitPolicy(List<Double> temperatures, double threshold, double dropBound) {
  private static final int GRID = 200;
  private static final double MOST_LOG_TEMPERATURE = 3;

  public ExitPolicy {
    temperatures = List.copyOf(temperatures);
  }

  /**
   * The calibrated confidence of an answer.
   *
   * @param exit its number, from 0
   * @param probabilities what the exit's softmax gave
   */
  public double confidence(int exit, float[] probabilities) {
    return confidence(probabilities, temperatures.get(exit));
  }

  /** True if the answer of this exit is taken. */
  public boolean takes(int exit, float[] probabilities) {
    return confidence(exit, probabilities) >= threshold;
  }

  /**
   * Finds temperatures and the threshold.
   *
   * @param probabilities for each exit, the last one the model's own answer, and each sample
   * @param labels the right classes; samples that training did not see
   * @param mostDrop how much accuracy may be lost, 0 to 1
   * @throws BadDataException if there are no samples
   */
  public static ExitPolicy calibrate(List<float[][]> probabilities, int[] labels, double mostDrop) {
    if (labels.length == 0) {
      throw new BadDataException("Exits are calibrated with labelled samples; there are none.");
    }
    int exits = probabilities.size() - 1;
    List<Double> temperatures = new ArrayList<>();
    double[][] confidences = new double[exits][labels.length];
    for (int exit = 0; exit < exits; exit++) {
      double temperature = temperature(probabilities.get(exit), labels);
      temperatures.add(temperature);
      for (int i = 0; i < labels.length; i++) {
        confidences[exit][i] = confidence(probabilities.get(exit)[i], temperature);
      }
    }
    double[] full = hits(probabilities.get(exits), labels);
    double threshold = Math.nextUp(1.0);
    double bound = 0;
    for (int step = 0; step <= GRID; step++) {
      double tried = 1 - (double) step / GRID;
      double[] early = new double[labels.length];
      for (int i = 0; i < labels.length; i++) {
        int exit = 0;
        while (exit < exits && confidences[exit][i] < tried) {
          exit++;
        }
        early[i] = greatest(probabilities.get(exit)[i]) == labels[i] ? 1 : 0;
      }
      double drop = PairedDrop.ofHits(full, early, 1).bound();
      if (drop > mostDrop) {
        break;
      }
      threshold = tried;
      bound = drop;
    }
    return new ExitPolicy(temperatures, threshold, bound);
  }

  /** The index of the greatest number. */
  static int greatest(float[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }

  private static double[] hits(float[][] probabilities, int[] labels) {
    double[] hits = new double[labels.length];
    Arrays.setAll(hits, i -> greatest(probabilities[i]) == labels[i] ? 1 : 0);
    return hits;
  }

  private static double confidence(float[] probabilities, double temperature) {
    double greatest = probabilities[greatest(probabilities)];
    double sum = 0;
    for (float probability : probabilities) {
      sum += Math.pow(probability / greatest, 1 / temperature);
    }
    return 1 / sum;
  }

  /** The temperature of the least cross-entropy, by golden-section search over its logarithm. */
  private static double temperature(float[][] probabilities, int[] labels) {
    double ratio = (Math.sqrt(5) - 1) / 2;
    double low = -MOST_LOG_TEMPERATURE;
    double high = MOST_LOG_TEMPERATURE;
    for (int i = 0; i < 40; i++) {
      double one = high - ratio * (high - low);
      double two = low + ratio * (high - low);
      if (crossEntropy(probabilities, labels, Math.exp(one))
          < crossEntropy(probabilities, labels, Math.exp(two))) {
        high = two;
      } else {
        low = one;
      }
    }
    return Math.exp((low + high) / 2);
  }

  private static double crossEntropy(float[][] probabilities, int[] labels, double temperature) {
    double total = 0;
    for (int i = 0; i < labels.length; i++) {
      double greatest = probabilities[i][greatest(probabilities[i])];
      double sum = 0;
      for (float probability : probabilities[i]) {
        sum += Math.pow(probability / greatest, 1 / temperature);
      }
      double own = Math.max(probabilities[i][labels[i]], Float.MIN_NORMAL) / greatest;
      total += Math.log(sum) - Math.log(own) / temperature;
    }
    return total;
  }
}
