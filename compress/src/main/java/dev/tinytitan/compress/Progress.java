package dev.tinytitan.compress;

/** Hears how far long work has come; called on the working thread. */
@FunctionalInterface
public interface Progress {

  /** Nobody listens. */
  Progress NONE = (stage, done, total) -> {};

  /**
   * Reports progress.
   *
   * @param stage what is being done, such as {@code calibrate}
   * @param done steps that are done, 0 to {@code total}
   * @param total all steps of this stage, as far as known
   */
  void report(String stage, int done, int total);
}
