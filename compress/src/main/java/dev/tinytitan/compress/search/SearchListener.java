package dev.tinytitan.compress.search;

import dev.tinytitan.compress.Progress;

/** Hears how a search goes on; called by the thread that searches. */
public interface SearchListener extends Progress {

  /** Nobody listens, and nobody stops. */
  SearchListener SILENT = (stage, done, total) -> {};

  /** A trial begins. */
  default void onBegin(int number, Recipe recipe) {}

  /** A trial is done, or was found in the working folder. */
  default void onTrial(Trial trial) {}

  /** Something is not as it should be, but not wrong. */
  default void onWarning(String sentence) {}

  /** Asked now and then: true ends the search, which then gives the best so far. */
  default boolean stops() {
    return Thread.currentThread().isInterrupted();
  }
}
