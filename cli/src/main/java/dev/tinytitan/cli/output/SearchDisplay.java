package dev.tinytitan.cli.output;

import dev.tinytitan.cli.Interruption;
import dev.tinytitan.compress.search.Figures;
import dev.tinytitan.compress.search.Recipe;
import dev.tinytitan.compress.search.Score;
import dev.tinytitan.compress.search.SearchListener;
import dev.tinytitan.compress.search.SearchOptions;
import dev.tinytitan.compress.search.SearchResult;
import dev.tinytitan.compress.search.Trial;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Shows how a search goes on, and what came of it. Serves one thread. */
public final class SearchDisplay implements SearchListener {
  private final PrintWriter out;
  private final PrintWriter err;
  private final ProgressDisplay progress;
  private final SearchOptions options;
  private final Interruption interruption;
  private String now = "";

  /**
   * @param out takes a line for each trial
   * @param err takes warnings
   * @param progress shows how far a step is
   * @param interruption asks for the end
   */
  public SearchDisplay(
      PrintWriter out,
      PrintWriter err,
      ProgressDisplay progress,
      SearchOptions options,
      Interruption interruption) {
    this.out = out;
    this.err = err;
    this.progress = progress;
    this.options = options;
    this.interruption = interruption;
  }

  @Override
  public void report(String stage, int done, int total) {
    // Each trial has a line of its own in the end.
    progress.watch(now + stage, done, total);
  }

  @Override
  public void onBegin(int number, Recipe recipe) {
    now = "trial " + number + ", ";
  }

  @Override
  public void onTrial(Trial trial) {
    progress.close();
    Score score = trial.score();
    Figures figures = trial.figures();
    out.println(
        String.format(
            Locale.ROOT,
            "trial %d: %s%s%s%s",
            trial.number(),
            Recipe.label(trial.steps()),
            score == null
                ? ""
                : String.format(
                    Locale.ROOT,
                    "; %s, drop %s (at most %s)",
                    score(score.after()),
                    number(score.drop()),
                    number(score.bound())),
            figures == null
                ? ""
                : "; " + Units.bytes(figures.bytes()) + ", " + Units.nanos(figures.nanos()),
            trial.reason().isEmpty()
                ? ""
                : "; "
                    + (trial.status() == Trial.Status.FAILED ? "failed: " : "")
                    + trial.reason()));
    out.flush();
  }

  @Override
  public void onWarning(String sentence) {
    err.println("Note: " + sentence);
    err.flush();
  }

  @Override
  public boolean stops() {
    return interruption.isRequested() || Thread.currentThread().isInterrupted();
  }

  /** Prints what came of it: the front as a table, the result and where it is. */
  public void summary(SearchResult result, Path output, Path recipe, @Nullable Path report) {
    out.println();
    Table table = new Table("", "recipe", "score>", "drop at most>", "file>", "zip>", "one run>");
    table.row(
        "",
        "the original",
        score(result.originalScore().after()),
        "",
        Units.bytes(result.original().bytes()),
        Units.bytes(result.original().archiveBytes()),
        Units.nanos(result.original().nanos()));
    Set<Integer> shown = new HashSet<>(result.front());
    result.chosen().ifPresent(chosen -> shown.add(chosen.number()));
    for (Trial trial : result.trials()) {
      Score score = trial.score();
      Figures figures = trial.figures();
      if (shown.contains(trial.number()) && score != null && figures != null) {
        boolean isChosen =
            result.chosen().map(chosen -> chosen.number() == trial.number()).orElse(false);
        table.row(
            (isChosen ? "→ " : "  ") + trial.number(),
            Recipe.label(trial.steps()),
            score(score.after()),
            number(score.bound()),
            Units.bytes(figures.bytes()),
            Units.bytes(figures.archiveBytes()),
            Units.nanos(figures.nanos()));
      }
    }
    out.println("What no other trial beats, on the validation part:");
    table.print(out);
    out.println();
    out.println(result.reason());
    if (result.verdict() == SearchResult.Verdict.NOTHING) {
      return;
    }
    Figures before = result.original();
    Figures after = result.figures();
    out.println("recipe:   " + result.recipe().words());
    out.println(
        String.format(
            Locale.ROOT,
            "%-9s %s to %s on unseen samples",
            options.metric().name() + ":",
            score(result.judged().before()),
            score(result.judged().after())));
    out.println(
        String.format(
            Locale.ROOT,
            "size:     %s to %s, %.1f times smaller; as an archive %s",
            Units.bytes(before.bytes()),
            Units.bytes(after.bytes()),
            (double) before.bytes() / after.bytes(),
            Units.bytes(after.archiveBytes())));
    out.println(
        String.format(
            Locale.ROOT,
            "latency:  %s, %.2f of the original's in the same measurement",
            Units.nanos(after.nanos()),
            after.latencyRatio()));
    out.println("written:  " + output + ", and the recipe as " + recipe);
    if (report != null) {
      out.println("report:   " + report);
    }
  }

  private String score(double score) {
    return options.metric().format(score);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3g", value);
  }
}
