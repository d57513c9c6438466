package dev.tinytitan.cli.output;

import dev.tinytitan.train.EpochReport;
import dev.tinytitan.train.TrainingListener;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/** Shows how far training is: a progress bar, and a line for each epoch. */
public final class TrainingDisplay implements TrainingListener {
  private final PrintWriter out;
  private final ProgressDisplay progress;
  private final boolean silent;
  private final String measure;
  private final boolean isShare;
  private final int stepsOfEpoch;
  private final BooleanSupplier stop;

  /**
   * A display.
   *
   * @param silent whether lines are left out, as where JSON is printed
   * @param measure what scores are, such as {@code accuracy}
   * @param isShare whether scores are shares, shown in per cent
   * @param stepsOfEpoch batches of an epoch
   * @param stop asked after each step: true ends training, and what is best so far is kept
   */
  public TrainingDisplay(
      PrintWriter out,
      ProgressDisplay progress,
      boolean silent,
      String measure,
      boolean isShare,
      int stepsOfEpoch,
      BooleanSupplier stop) {
    this.out = out;
    this.progress = progress;
    this.silent = silent;
    this.measure = measure;
    this.isShare = isShare;
    this.stepsOfEpoch = stepsOfEpoch;
    this.stop = stop;
  }

  @Override
  public void onStep(int step, int steps, double loss) {
    int epoch = (step - 1) / stepsOfEpoch + 1;
    progress.watch("epoch " + epoch, (step - 1) % stepsOfEpoch + 1, stepsOfEpoch);
  }

  @Override
  public void onEpoch(EpochReport report) {
    if (!silent) {
      out.printf(
          Locale.ROOT,
          "epoch %d: loss %.4f, %s, %.0f samples/s%s%n",
          report.epoch(),
          report.loss(),
          score(report.score()),
          report.samplesPerSecond(),
          report.best() ? "" : " (not better)");
      out.flush();
    }
  }

  @Override
  public boolean stops() {
    return stop.getAsBoolean() || Thread.currentThread().isInterrupted();
  }

  /** A score in words. */
  public String score(double score) {
    return isShare
        ? String.format(Locale.ROOT, "%s %.2f %%", measure, 100 * score)
        : String.format(Locale.ROOT, "%s %.4g", measure, score);
  }
}
