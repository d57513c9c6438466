package dev.tinytitan.kernel;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is done to a block of complete sums while they are still in the cache, in place. */
interface Epilogue {

  /**
   * The same for sums that are still in registers and get no residual; empty if this takes more
   * than multiplying, cutting and rounding.
   *
   * @param columns columns of the product
   */
  default Optional<Finish> finish(int columns) {
    return Optional.empty();
  }

  /**
   * Finishes a block of {@code rows} by {@code columns} sums in rows {@code stride} apart.
   *
   * @param y the sums, from {@code from} on
   * @param column which column of the product the block's first is
   * @param residual what is added, in the same places from {@code residualFrom} on; null if nothing
   */
  void apply(
      float[] y,
      int from,
      int stride,
      int rows,
      int column,
      int columns,
      float @Nullable [] residual,
      int residualFrom);
}
