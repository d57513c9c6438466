package dev.tinytitan.cli.output;

import dev.tinytitan.compress.Progress;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * How far long work is: a bar for each stage on a terminal, elsewhere a line when a stage is done
 * that took a second or more. Serves one thread.
 */
public final class ProgressDisplay implements Progress, AutoCloseable {
  private static final int REFRESH_MILLIS = 100;
  private static final double WORTH_A_LINE = 1;

  private final PrintWriter err;
  private final boolean terminal;
  private String stage = "";
  private int done;
  private long stageStart;
  private @Nullable ProgressBar bar;

  /** A display that writes to {@code err} unless there is a terminal. */
  public ProgressDisplay(PrintWriter err) {
    this(err, isTerminal());
  }

  ProgressDisplay(PrintWriter err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  /** True if a person is watching. */
  @SuppressWarnings("SystemConsoleNull") // It is null again where JDK 25 sees no terminal.
  public static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  @Override
  public void report(String newStage, int newDone, int total) {
    if (!newStage.equals(stage) || newDone < done) {
      finishStage();
      stage = newStage;
      stageStart = System.nanoTime();
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
    }
  }

  private void finishStage() {
    if (bar != null) {
      bar.close();
      bar = null;
    } else if (!stage.isEmpty()) {
      double seconds = (System.nanoTime() - stageStart) / 1e9;
      if (seconds >= WORTH_A_LINE) {
        err.println(String.format(Locale.ROOT, "%s: %d done in %.1f s", stage, done, seconds));
        err.flush();
      }
    }
  }

  @Override
  public void close() {
    finishStage();
    stage = "";
  }
}
