package dev.tinytitan.compress.search;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.OverBudgetException;
import dev.tinytitan.compress.SampleCheck;
import dev.tinytitan.compress.statistics.PairedDrop;
import java.util.ArrayList;
import java.util.List;

/** Finds out before a search what would spoil it. */
final class DataCheck {
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
    SampleCheck.fewToCalibrate(data.training().size()).ifPresent(warnings::add);
    SampleCheck.of(model).requireTargetFits(data.training().get(0));
    if (options.metric().needsLabels() && data.isLabelled()) {
      labels(model, data, warnings);
    }
    if (options.metric().hit() > 0) {
      budget(data, options);
    }
    return warnings;
  }

  private static void labels(Model model, SearchData data, List<String> warnings) {
    SampleCheck check = SampleCheck.of(model);
    check.addLabels(data.training(), "training");
    check.addLabels(data.validation(), "validation");
    check.addLabels(data.judging(), "judging");
    check.requireTwoClasses();
    check.missingClasses().ifPresent(warnings::add);
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
