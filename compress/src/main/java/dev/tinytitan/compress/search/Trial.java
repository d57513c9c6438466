package dev.tinytitan.compress.search;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What came of one recipe. Immutable.
 *
 * @param number counted from 1
 * @param steps of the recipe
 * @param status how far it came
 * @param reason why it did not come further; empty for one that was measured
 * @param score on the validation part, or on the first samples of it; null if it failed before
 * @param figures what it costs; null unless it was measured
 * @param seconds that it took
 */
public record Trial(
    int number,
    List<Step> steps,
    Status status,
    String reason,
    @Nullable Score score,
    @Nullable Figures figures,
    double seconds) {

  /** How far a trial came. */
  public enum Status {
    /** All figures are known. */
    MEASURED,
    /** Given up after the first validation samples: far too much was lost. */
    HOPELESS,
    /** A step refused the model or the data. */
    FAILED
  }

  public Trial {
    steps = List.copyOf(steps);
  }

  /** Score and figures of a trial that was measured. */
  public record Measured(Trial trial, Score score, Figures figures) {}

  /** This trial with what it must have, if it was measured. */
  public Optional<Measured> measured() {
    return status == Status.MEASURED && score != null && figures != null
        ? Optional.of(new Measured(this, score, figures))
        : Optional.empty();
  }
}
