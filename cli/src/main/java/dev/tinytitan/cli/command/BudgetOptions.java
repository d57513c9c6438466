package dev.tinytitan.cli.command;

import dev.tinytitan.Model;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.samples.TextModels;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.metric.ErrorKind;
import dev.tinytitan.compress.metric.Metric;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What may be lost at most, and of what; options of all commands that hold a budget. */
final class BudgetOptions {
  private static final double HUNDRED = 100;

  @Option(
      names = "--max-drop",
      paramLabel = "X",
      description = {
        "The budget, in the metric's unit: percentage points (0.5) of accuracy and f1, 0.01 of"
            + " cosine and auc, the targets' unit of rmse, mse and mae, or per cent of the"
            + " original's error (5%%)."
      })
  private @Nullable String maxDrop;

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      converter = Converters.MetricConverter.class,
      description = {
        "What the budget is about: accuracy, f1 (the mean over classes), auc, rmse, mse, mae or"
            + " cosine (default: accuracy where the data have classes, rmse where they have values"
            + " to be predicted, else cosine to the original's outputs)."
      })
  private @Nullable Metric metric;

  /** True if a budget was asked for. */
  boolean isGiven() {
    return maxDrop != null;
  }

  /** Fails with a sentence, before long work, if the budget is no number. */
  void check() {
    if (maxDrop != null) {
      parse(maxDrop);
    }
  }

  /** The metric that was asked for, or else the usual one of such data. */
  Metric metric(Model model, Sample sample) {
    if (metric != null) {
      return metric;
    }
    if (sample.label().isPresent()) {
      return Metric.accuracy();
    }
    if (sample.target().isPresent()) {
      return Metric.error(ErrorKind.RMSE);
    }
    return TextModels.isEncoder(model) ? Metric.embeddingCosine(TextModels.MASK) : Metric.cosine();
  }

  /**
   * The budget in the metric's unit; where none was asked for, 0.5 points, a hundredth, or 2 % of
   * an error.
   *
   * @param before gives the original's score, of which per cent of errors are taken
   */
  double budget(Metric chosen, DoubleSupplier before) {
    boolean points = chosen.scale(1) == HUNDRED;
    String usual = points ? "0.5" : chosen.isError() ? "2%" : "0.01";
    String text = maxDrop == null ? usual : maxDrop;
    double value = parse(text);
    if (points || !text.strip().endsWith("%")) {
      return value;
    }
    return value / HUNDRED * (chosen.isError() ? before.getAsDouble() : 1);
  }

  private static double parse(String given) {
    String text = given.strip();
    try {
      double value =
          Double.parseDouble(
              text.endsWith("%") ? text.substring(0, text.length() - 1).strip() : text);
      if (value >= 0 && Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException error) {
      // Said below.
    }
    throw new CommandFailure(
        "--max-drop must be a number of 0 or more, such as 0.5%, not " + given + ".");
  }
}
