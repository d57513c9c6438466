package dev.tinytitan.compress.search;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.OverBudgetException;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.statistics.PairedDrop;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Finds out before a search what would spoil it. */
final class DataCheck {
  /** Fewer samples find ranges of activations badly by common experience. */
  private static final int FEW_TO_CALIBRATE = 100;

  private DataCheck() {}

  /**
   * Checks data for a model.
   *
   * @return what is not as it should be, a sentence each
   * @throws BadDataException if labels cannot be used
   * @throws OverBudgetException if no model could be shown to hold the budget on so few samples
   */
  static List<String> check(Model model, SearchData data, SearchOptions options) {
    List<String> warnings = new ArrayList<>();
    int calibrating = data.training().size();
    if (calibrating < FEW_TO_CALIBRATE) {
      warnings.add(
          "Only "
              + Numbers.count(calibrating, "sample")
              + " to calibrate with; "
              + FEW_TO_CALIBRATE
              + " or more find ranges of activations reliably.");
    }
    if (options.metric().hit() > 0) {
      labels(model, data, warnings);
      budget(data, options);
    }
    return warnings;
  }

  private static void labels(Model model, SearchData data, List<String> warnings) {
    OptionalInt classes = classes(model);
    TreeMap<Integer, Integer> counts = new TreeMap<>();
    count(data.training(), "training", classes, counts);
    count(data.validation(), "validation", classes, counts);
    count(data.judging(), "judging", classes, counts);
    if (counts.size() == 1) {
      throw new BadDataException(
          "All samples are of class "
              + counts.firstKey()
              + ": accuracy says nothing about them. Give data of all classes.");
    }
    if (classes.isPresent()) {
      List<Integer> missing = new ArrayList<>();
      for (int i = 0; i < classes.getAsInt(); i++) {
        if (!counts.containsKey(i)) {
          missing.add(i);
        }
      }
      if (!missing.isEmpty()) {
        warnings.add(
            "No sample is of class "
                + String.join(", ", missing.stream().limit(10).map(String::valueOf).toList())
                + (missing.size() > 10 ? " and " + (missing.size() - 10) + " more" : "")
                + ": what becomes of them is not judged.");
      }
    }
  }

  /** How many classes the first output tells apart, where its shape says so. */
  private static OptionalInt classes(Model model) {
    Value output = model.outputs().get(0);
    if (!output.tensorType().hasRank() || output.tensorType().rank() == 0) {
      return OptionalInt.empty();
    }
    int classes = 1;
    for (int i = 0; i < output.tensorType().rank(); i++) {
      Dim dim = output.tensorType().dim(i);
      if (i > 0 && !dim.isFixed()) {
        return OptionalInt.empty();
      }
      classes *= i == 0 ? 1 : dim.size();
    }
    return OptionalInt.of(classes);
  }

  private static void count(
      Samples samples, String part, OptionalInt classes, Map<Integer, Integer> counts) {
    for (int i = 0; i < samples.size(); i++) {
      int number = i;
      int label =
          samples
              .get(i)
              .label()
              .orElseThrow(() ->
                  new BadDataException(
                      "Sample " + number + " of the " + part + " part has no label."));
      if (label < 0 || (classes.isPresent() && label >= classes.getAsInt())) {
        throw new BadDataException(
            "The label of sample "
                + i
                + " of the "
                + part
                + " part is "
                + label
                + (classes.isPresent()
                    ? ", but the model knows the classes 0 to " + (classes.getAsInt() - 1)
                    : "; classes are counted from 0")
                + ".");
      }
      counts.merge(label, 1, Integer::sum);
    }
  }

  private static void budget(SearchData data, SearchOptions options) {
    double hit = options.metric().hit();
    int samples = data.judging().size();
    double least = PairedDrop.leastBound(samples, hit);
    if (!options.pointEstimate() && least > options.maxDrop()) {
      // The bound falls with the number of samples, but for the two that are added to it.
      double needed = options.maxDrop() == 0 ? 0 : Math.ceil(least / options.maxDrop() * samples);
      throw new OverBudgetException(
          "A drop of at most "
              + Numbers.plain(options.maxDrop())
              + " "
              + options.metric().unit()
              + " cannot be shown at 95 % confidence on the "
              + Numbers.count(samples, "sample")
              + " there are to judge on: even for a model that never differs the bound is "
              + Numbers.plain(least)
              + ". "
              + (needed == 0
                  ? "Allow more than 0"
                  : "Give data with at least " + (long) needed + " samples to judge on, allow more")
              + ", or take the mean as it is (point estimate).");
    }
  }
}
