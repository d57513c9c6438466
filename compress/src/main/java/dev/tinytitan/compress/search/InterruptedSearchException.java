package dev.tinytitan.compress.search;

/** Work was given up half way because time is over or somebody asked for it; nothing is broken. */
final class InterruptedSearchException extends RuntimeException {
  private static final long serialVersionUID = 1;

  InterruptedSearchException() {
    super("stopped", null, false, false);
  }
}
