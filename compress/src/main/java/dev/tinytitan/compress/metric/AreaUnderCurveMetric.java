package dev.tinytitan.compress.metric;

import dev.tinytitan.BadDataException;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;

/**
 * How often a sample of a class gets a greater score for it than one of another class, ties by half
 * (Hanley and McNeil 1982). Of each answer it keeps the right class, and a score for each class;
 * for two classes one alone.
 */
record AreaUnderCurveMetric() implements Metric {
  @Override
  public String name() {
    return "AUC";
  }

  @Override
  public String unit() {
    return "of the area";
  }

  @Override
  public boolean needsLabels() {
    return true;
  }

  @Override
  public double[] observe(
      Sample sample, Map<String, Tensor> outputs, Map<String, Tensor> reference) {
    Tensor scores = Answers.first(outputs);
    if (scores.size() <= 2) {
      double one =
          scores.size() == 1 ? scores.getDouble(0) : scores.getDouble(1) - scores.getDouble(0);
      return new double[] {truth(sample), one};
    }
    double[] kept = new double[1 + scores.size()];
    kept[0] = truth(sample);
    for (int i = 0; i < scores.size(); i++) {
      kept[1 + i] = scores.getDouble(i);
    }
    return kept;
  }

  /** Models of one output have a target of 0 or 1 where others have a class. */
  private static double truth(Sample sample) {
    boolean number =
        sample.label().isEmpty()
            && sample.target().isPresent()
            && sample.target().get().size() == 1;
    double truth =
        number ? sample.target().orElseThrow().getDouble(0) : Answers.label(sample, "AUC");
    if (number && truth != 0 && truth != 1) {
      throw new BadDataException(
          "AUC of a model with one output needs targets of 0 and 1, but a sample has "
              + truth
              + ".");
    }
    return truth;
  }

  @Override
  public double score(double[][] answers) {
    int columns = answers[0].length - 1;
    if (columns == 1) {
      double area = area(answers, 1, 1);
      return Double.isNaN(area) ? 0.5 : area;
    }
    double sum = 0;
    int counted = 0;
    for (int c = 0; c < columns; c++) {
      double area = area(answers, c, 1 + c);
      if (!Double.isNaN(area)) {
        sum += area;
        counted++;
      }
    }
    return counted == 0 ? 0.5 : sum / counted;
  }

  /** By the ranks of a class's samples; NaN without samples of it, or of others. */
  private static double area(double[][] answers, int positive, int column) {
    double[][] sorted = answers.clone();
    Arrays.sort(sorted, Comparator.comparingDouble(answer -> answer[column]));
    double ranks = 0;
    long positives = 0;
    for (int from = 0; from < sorted.length; ) {
      int to = from;
      int hits = 0;
      while (to < sorted.length && sorted[to][column] == sorted[from][column]) {
        hits += sorted[to][0] == positive ? 1 : 0;
        to++;
      }
      // All of equal score share the mean of their ranks, which count from 1.
      ranks += hits * (from + 1 + to) / 2.0;
      positives += hits;
      from = Math.max(to, from + 1);
    }
    double pairs = positives * (double) (sorted.length - positives);
    return pairs == 0 ? Double.NaN : (ranks - positives * (positives + 1) / 2.0) / pairs;
  }
}
