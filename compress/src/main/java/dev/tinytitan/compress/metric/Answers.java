package dev.tinytitan.compress.metric;

import dev.tinytitan.BadDataException;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.tensor.Tensor;
import java.util.Locale;
import java.util.Map;

/** What metrics read in samples and outputs. */
final class Answers {
  private static final double POINTS = 100;

  private Answers() {}

  /** A score in percentage points. */
  static String points(double score) {
    return String.format(Locale.ROOT, "%.2f %%", score);
  }

  /** All of it, in percentage points. */
  static double all() {
    return POINTS;
  }

  /** The class that a sample is of. */
  static int label(Sample sample, String metric) {
    return sample
        .label()
        .orElseThrow(
            () -> new BadDataException(metric + " needs labels, but a sample has no class."));
  }

  /** The first output. */
  static Tensor first(Map<String, Tensor> outputs) {
    return outputs.values().iterator().next();
  }

  /** The place of the greatest element, the first of several. */
  static int greatest(Tensor scores) {
    int best = 0;
    for (int i = 1; i < scores.size(); i++) {
      if (scores.getDouble(i) > scores.getDouble(best)) {
        best = i;
      }
    }
    return best;
  }

  /** What the first output should be: the target, or the input itself where there is none. */
  static Tensor target(Sample sample, Tensor output) {
    Tensor truth = sample.target().orElseGet(() -> sample.inputs().values().iterator().next());
    if (truth.size() != output.size()) {
      throw new BadDataException(
          "The model gives "
              + output.size()
              + " values for a sample, but "
              + (sample.target().isPresent() ? "there are " : "without targets the input counts: ")
              + truth.size()
              + (sample.target().isPresent() ? " targets." : " values.")
              + " Name the targets with --y, or take another metric.");
    }
    return truth;
  }
}
