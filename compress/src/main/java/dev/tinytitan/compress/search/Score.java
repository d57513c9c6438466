package dev.tinytitan.compress.search;

/**
 * A candidate against the original, on the same samples.
 *
 * @param samples how many
 * @param before the original's score, in the metric's unit
 * @param after the candidate's
 * @param low the lower end of the 95 % interval of {@code after}
 * @param high its upper end
 * @param drop how much worse the score is; negative where it is better
 * @param bound the drop is at most this, at 95 % confidence, judged on pairs
 * @param expectedBound what the bound can be expected to be on the judging part
 */
public record Score(
    int samples,
    double before,
    double after,
    double low,
    double high,
    double drop,
    double bound,
    double expectedBound) {}
