package dev.tinytitan.train;

/** Is told how training goes on; called by the thread that trains. */
public interface TrainingListener {

  /** Says nothing and never stops. */
  TrainingListener SILENT = new TrainingListener() {};

  /**
   * After each step.
   *
   * @param step counted from 1 over all epochs
   * @param steps of all epochs
   * @param loss of the step's batch
   */
  default void onStep(int step, int steps, double loss) {}

  /** After each epoch. */
  default void onEpoch(EpochReport report) {}

  /**
   * At the end, once.
   *
   * @param detail why it ended, in a sentence
   */
  default void onEnd(TrainingResult.Stop stop, String detail) {}

  /** Asked after each step: true ends training, and what is best so far is kept. */
  default boolean stops() {
    return Thread.currentThread().isInterrupted();
  }
}
