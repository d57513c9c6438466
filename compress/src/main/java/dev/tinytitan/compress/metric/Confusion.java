package dev.tinytitan.compress.metric;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which classes were taken for which. Not thread-safe. */
public final class Confusion {
  private final int[][] counts;
  private int total;

  /** No samples yet, of {@code classes} classes. */
  public Confusion(int classes) {
    this.counts = new int[classes][classes];
  }

  /** Of pairs: the class that a sample is of, and the class it was taken for, both from 0. */
  public static Confusion of(double[][] pairs) {
    int classes = 0;
    for (double[] pair : pairs) {
      classes = (int) Math.max(classes, 1 + Math.max(pair[0], pair[1]));
    }
    Confusion confusion = new Confusion(classes);
    for (double[] pair : pairs) {
      confusion.add((int) pair[0], (int) pair[1]);
    }
    return confusion;
  }

  /** Adds a sample: the class it is of, and the class it was taken for. */
  public void add(int truth, int answer) {
    counts[truth][answer]++;
    total++;
  }

  /** Samples that were taken for what they are. */
  public int hits() {
    int hits = 0;
    for (int i = 0; i < counts.length; i++) {
      hits += counts[i][i];
    }
    return hits;
  }

  /** All samples. */
  public int total() {
    return total;
  }

  /** The mean F1 over the classes that occur, among the samples or among the answers; 0 to 1. */
  public double macroF1() {
    double sum = 0;
    int classes = 0;
    for (int c = 0; c < counts.length; c++) {
      int wrong = samples(c) + answers(c) - 2 * counts[c][c];
      if (counts[c][c] + wrong > 0) {
        sum += 2.0 * counts[c][c] / (2.0 * counts[c][c] + wrong);
        classes++;
      }
    }
    return classes == 0 ? 0 : sum / classes;
  }

  /**
   * A class that was taken for another.
   *
   * @param count how often
   * @param of how many samples the class has
   */
  public record Mistake(int truth, int answer, int count, int of) {}

  /** Mistakes, the most frequent first. */
  public List<Mistake> mistakes() {
    List<Mistake> mistakes = new ArrayList<>();
    for (int truth = 0; truth < counts.length; truth++) {
      for (int answer = 0; answer < counts.length; answer++) {
        if (truth != answer && counts[truth][answer] > 0) {
          mistakes.add(new Mistake(truth, answer, counts[truth][answer], samples(truth)));
        }
      }
    }
    mistakes.sort(Comparator.comparingInt(Mistake::count).reversed());
    return mistakes;
  }

  private int samples(int truth) {
    int sum = 0;
    for (int count : counts[truth]) {
      sum += count;
    }
    return sum;
  }

  private int answers(int answer) {
    int sum = 0;
    for (int[] row : counts) {
      sum += row[answer];
    }
    return sum;
  }
}
