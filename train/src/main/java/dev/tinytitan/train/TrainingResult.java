package dev.tinytitan.train;

import dev.tinytitan.Model;
import java.util.List;

/**
 * A trained model and how it came to be.
 *
 * @param model the best epoch's, by validation; the last one's without validation data
 * @param history one report for each epoch
 * @param stop why training ended
 * @param detail where it ended, in one sentence
 */
public record TrainingResult(Model model, List<EpochReport> history, Stop stop, String detail) {

  /** Why training ended. */
  public enum Stop {
    /** All epochs were done. */
    COMPLETED,
    /** Validation got no better for as many epochs as the options' patience. */
    EARLY,
    /** The loss became NaN, or grew far beyond where it began. */
    DIVERGED,
    /** The listener, or an interrupt, asked for it. */
    INTERRUPTED
  }

  public TrainingResult {
    history = List.copyOf(history);
  }
}
