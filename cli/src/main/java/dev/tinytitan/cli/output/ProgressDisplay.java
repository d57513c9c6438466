package dev.tinytitan.cli.output;

import dev.tinytitan.compress.Progress;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * How far long work is: a bar for each stage on a terminal. Elsewhere, as in the log of a build, a
 * line when a stage is done that took a second or more, and one each half a minute in between;
 * where JSON is printed, nothing. Serves one thread.
 */
public final class ProgressDisplay implements Progress, AutoCloseable {
  private static final int REFRESH_MILLIS = 100;
  private static final double WORTH_A_LINE = 1;
  private static final double SECONDS_BETWEEN_LINES = 30;

  private final PrintWriter err;
  private final boolean terminal;
  private final boolean silent;
  private final LongSupplier nanos;
  private String stage = "";
  private int done;
  private boolean endIsTold;
  private long stageStart;
  private long lastLine;
  private @Nullable ProgressBar bar;

  /**
   * A display that writes to {@code err} unless there is a terminal.
   *
   * @param json whether the command prints JSON
   */
  public ProgressDisplay(PrintWriter err, boolean json) {
    this(err, isTerminal(), json, System::nanoTime);
  }

  ProgressDisplay(PrintWriter err, boolean terminal, boolean json, LongSupplier nanos) {
    this.err = err;
    this.terminal = terminal;
    this.silent = json;
    this.nanos = nanos;
    this.lastLine = nanos.getAsLong();
  }

  /** True if a person is watching. */
  @SuppressWarnings("SystemConsoleNull") // It is null again where JDK 25 sees no terminal.
  public static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  @Override
  public void report(String newStage, int newDone, int total) {
    report(newStage, newDone, total, false);
  }

  /** Reports progress of a stage of which the caller tells the end in words of its own. */
  public void watch(String newStage, int newDone, int total) {
    report(newStage, newDone, total, true);
  }

  private void report(String newStage, int newDone, int total, boolean toldElsewhere) {
    if (!newStage.equals(stage) || newDone < done) {
      finishStage();
      stage = newStage;
      endIsTold = toldElsewhere;
      stageStart = nanos.getAsLong();
      if (terminal) {
        bar =
            new ProgressBarBuilder()
                .setTaskName(newStage)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .setUpdateIntervalMillis(REFRESH_MILLIS)
                .clearDisplayOnFinish()
                .build();
      }
    }
    done = newDone;
    if (bar != null) {
      bar.maxHint(total);
      bar.stepTo(newDone);
    } else if (newDone < total && secondsSince(lastLine) >= SECONDS_BETWEEN_LINES) {
      line(
          String.format(
              Locale.ROOT,
              "%s: %d of %d after %.0f s",
              stage,
              done,
              total,
              secondsSince(stageStart)));
    }
  }

  private double secondsSince(long time) {
    return (nanos.getAsLong() - time) / 1e9;
  }

  private void line(String text) {
    if (!silent) {
      err.println(text);
      err.flush();
    }
    lastLine = nanos.getAsLong();
  }

  private void finishStage() {
    if (bar != null) {
      bar.close();
      bar = null;
    } else if (!stage.isEmpty() && !endIsTold && secondsSince(stageStart) >= WORTH_A_LINE) {
      line(
          String.format(
              Locale.ROOT, "%s: %d done in %.1f s", stage, done, secondsSince(stageStart)));
    }
  }

  @Override
  public void close() {
    finishStage();
    stage = "";
    lastLine = nanos.getAsLong();
  }
}
