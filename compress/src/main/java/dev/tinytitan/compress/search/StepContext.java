package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.Samples;
import java.util.function.BooleanSupplier;

/**
 * What steps work with.
 *
 * @param original the model before all steps
 * @param teacher whose answers steps train by
 * @param data the training part is the only one that steps see
 * @param seed of all chance
 * @param threads the most that a run or a training step uses; results are the same for any number
 * @param progress hears how far a step is
 * @param stop asked now and then; true ends the work with an {@link InterruptedSearchException}
 */
public record StepContext(
    Model original,
    Model teacher,
    SearchData data,
    long seed,
    int threads,
    Progress progress,
    BooleanSupplier stop) {

  /** Samples to calibrate or judge units with: the first of the training part. */
  Samples calibration(int most) {
    return data.training().first(most);
  }
}
