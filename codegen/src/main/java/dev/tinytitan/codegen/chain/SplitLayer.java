package dev.tinytitan.codegen.chain;

/** A layer whose output's rows can be computed apart, at once and in any order. */
interface SplitLayer extends Layer {

  /** How many rows the output has. */
  int rows();

  /** How many rows a piece has at least; fewer might give other results, or be slow. */
  default int leastRows() {
    return 1;
  }

  /** Whether its pieces are rows of the output; else of something else that it counts. */
  default boolean givesRows() {
    return true;
  }

  /**
   * How much of its estimated time counts when it is decided whether splitting is worth it; below 1
   * where pieces read much that other threads wrote, which moves from cache to cache.
   */
  default double splitWeight() {
    return 1;
  }

  /** Whether a row of the output needs nothing but this row of the inputs. */
  boolean isRowwise();

  /**
   * The layer for rows {@code from} to {@code to - 1} only, at least {@link #leastRows} of them.
   * Results are the same to the bit.
   */
  Layer rows(int from, int to);
}
