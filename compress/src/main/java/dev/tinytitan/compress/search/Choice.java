package dev.tinytitan.compress.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Chooses the result among trials. Those that hold the budget on the validation part are judged on
 * the part that the search never saw, the safest first, each only after all safer ones have passed:
 * a fixed sequence of tests, by which a wrong choice is as rare as with a single test (Maurer,
 * Hothorn and Lehmacher 1995).
 */
final class Choice {
  /** So many are judged at most. */
  private static final int MOST_JUDGED = 5;

  private final SearchOptions options;
  private final Figures original;
  private final List<Trial.Measured> measured;
  private final Function<Optional<Trial>, Score> judge;
  private final Function<Trial, Figures> confirm;

  /** What was chosen. */
  record Outcome(
      SearchResult.Verdict verdict,
      String reason,
      Optional<Trial> trial,
      Score judged,
      Figures figures,
      List<Integer> front) {}

  /**
   * @param judge scores a trial, or the original, on what the search never saw
   * @param confirm measures a trial once more
   */
  Choice(
      SearchOptions options,
      Figures original,
      List<Trial> trials,
      Function<Optional<Trial>, Score> judge,
      Function<Trial, Figures> confirm) {
    this.options = options;
    this.original = original;
    this.measured = trials.stream().map(Trial::measured).flatMap(Optional::stream).toList();
    this.judge = judge;
    this.confirm = confirm;
  }

  /** The choice. */
  Outcome choose() {
    List<Trial.Measured> better = measured.stream().filter(this::isBetter).toList();
    List<Trial.Measured> holding =
        better.stream()
            .filter(each -> options.expected(each.score()) <= options.maxDrop())
            .toList();
    Trial.Measured last = null;
    Figures lastFigures = null;
    Score lastScore = null;
    for (Trial.Measured each : saferFirst(holding)) {
      Figures figures = confirm.apply(each.trial());
      if (cost(figures) >= cost(original)) {
        // Measured longer, it is not better than the original after all.
        continue;
      }
      Score score = judge.apply(Optional.of(each.trial()));
      if (options.judged(score) > options.maxDrop()) {
        break;
      }
      last = each;
      lastFigures = figures;
      lastScore = score;
    }
    if (last != null && lastScore != null && lastFigures != null) {
      return outcome(
          SearchResult.Verdict.HOLDS,
          "The budget is held: the drop is "
              + (options.pointEstimate() ? "" : "at most ")
              + Numbers.plain(options.judged(lastScore))
              + " "
              + options.metric().unit()
              + (options.pointEstimate() ? "" : " at 95 % confidence")
              + " on "
              + lastScore.samples()
              + " samples that the search never saw.",
          last.trial(),
          lastScore,
          lastFigures);
    }
    return better.isEmpty() ? nothing() : closest(better);
  }

  private Outcome outcome(
      SearchResult.Verdict verdict, String reason, Trial trial, Score judged, Figures figures) {
    return new Outcome(verdict, reason, Optional.of(trial), judged, figures, front());
  }

  private Outcome closest(List<Trial.Measured> better) {
    Trial.Measured closest =
        better.stream()
            .min(
                Comparator.<Trial.Measured>comparingDouble(each -> options.expected(each.score()))
                    .thenComparingDouble(each -> cost(each.figures())))
            .orElseThrow();
    Score judged = judge.apply(Optional.of(closest.trial()));
    return outcome(
        SearchResult.Verdict.CLOSEST,
        "No model that was tried holds the budget of "
            + Numbers.plain(options.maxDrop())
            + " "
            + options.metric().unit()
            + "; this one comes closest: the drop is "
            + (options.pointEstimate() ? "" : "at most ")
            + Numbers.plain(options.judged(judged))
            + (options.pointEstimate() ? "" : " at 95 % confidence")
            + " on "
            + judged.samples()
            + " samples that the search never saw. Allow more, give more time, or more data.",
        closest.trial(),
        judged,
        confirm.apply(closest.trial()));
  }

  private Outcome nothing() {
    return new Outcome(
        SearchResult.Verdict.NOTHING,
        switch (options.objective()) {
          case SIZE -> "Nothing that was tried is smaller than the model itself.";
          case LATENCY ->
              "Nothing that was tried is faster here than the model itself, measured in turns.";
          case ENERGY -> "Nothing that was tried takes less energy than the model itself.";
        },
        Optional.empty(),
        judge.apply(Optional.empty()),
        original,
        front());
  }

  /** Whether it is better than the original in what is to be small. */
  private boolean isBetter(Trial.Measured trial) {
    return cost(trial.figures()) < cost(original);
  }

  private double cost(Figures figures) {
    return options.cost(figures);
  }

  /** What no other beats in both cost and safety, up to the cheapest, the safest first. */
  private List<Trial.Measured> saferFirst(List<Trial.Measured> holding) {
    List<Trial.Measured> byCost = new ArrayList<>(holding);
    byCost.sort(
        Comparator.comparing(Trial.Measured::figures, options.cheaperFirst())
            .thenComparingDouble(each -> options.expected(each.score())));
    List<Trial.Measured> front = new ArrayList<>();
    double safest = Double.POSITIVE_INFINITY;
    for (Trial.Measured each : byCost) {
      double expected = options.expected(each.score());
      if (expected < safest) {
        front.add(each);
        safest = expected;
      }
    }
    return front.subList(0, Math.min(MOST_JUDGED, front.size())).reversed();
  }

  /** Numbers of the trials that no other beats in cost and mean score, the original counted. */
  private List<Integer> front() {
    List<Trial.Measured> byCost = new ArrayList<>(measured);
    byCost.sort(
        Comparator.<Trial.Measured>comparingDouble(each -> cost(each.figures()))
            .thenComparingDouble(each -> each.score().drop()));
    List<Integer> front = new ArrayList<>();
    double least = Double.POSITIVE_INFINITY;
    for (Trial.Measured each : byCost) {
      boolean beaten = cost(each.figures()) >= cost(original) && each.score().drop() >= 0;
      if (each.score().drop() < least && !beaten) {
        front.add(each.trial().number());
        least = each.score().drop();
      }
    }
    return front;
  }
}
