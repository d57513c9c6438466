package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import java.util.List;
import java.util.Optional;

/**
 * What a search found. Immutable.
 *
 * @param verdict whether the budget is held
 * @param reason in a sentence
 * @param model the best, or the closest; the original where nothing is better than it
 * @param recipe how it was made
 * @param chosen the trial it comes from; empty if it is the original
 * @param judged on the part of the data that the search never saw
 * @param original what the original costs; its latency ratio is 1
 * @param originalScore of the original on the validation part
 * @param figures what the result costs, measured anew
 * @param trials all of them, in order
 * @param front numbers of the trials that no other beats in both cost and score, cheapest first
 * @param warnings what is not as it should be with the data
 * @param options what was looked for
 * @param seconds that the search took
 */
public record SearchResult(
    Verdict verdict,
    String reason,
    Model model,
    Recipe recipe,
    Optional<Trial> chosen,
    Score judged,
    Figures original,
    Score originalScore,
    Figures figures,
    List<Trial> trials,
    List<Integer> front,
    List<String> warnings,
    SearchOptions options,
    double seconds) {

  /** What came of the budget. */
  public enum Verdict {
    /** The model holds it, judged on data that the search never saw. */
    HOLDS,
    /** No model holds it; this one comes closest. */
    CLOSEST,
    /** Nothing that was tried is smaller, or faster, than the original. */
    NOTHING
  }

  public SearchResult {
    trials = List.copyOf(trials);
    front = List.copyOf(front);
    warnings = List.copyOf(warnings);
  }
}
