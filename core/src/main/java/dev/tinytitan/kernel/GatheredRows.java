package dev.tinytitan.kernel;

import java.util.Arrays;

/**
 * The rows of a matrix that lie scattered in an array, as the windows of a convolution do: element
 * {@code k} of row {@code i} is at {@code starts[i] + segments[k / length] + k % length}. A plain
 * matrix is the case of a single segment. Immutable; the arrays are not copied and must not be
 * written.
 */
public final class GatheredRows {
  /** Segments shorter than this are not worth a loop of their own. */
  private static final int SHORT_SEGMENT = 24;

  private final int[] starts;
  private final int[] segments;
  private final int length;
  private final int[] steps;

  /**
   * @param starts where each row begins
   * @param segments where each of its contiguous pieces lies from there
   * @param length elements of a segment
   */
  public GatheredRows(int[] starts, int[] segments, int length) {
    this.starts = starts;
    this.segments = segments;
    this.length = length;
    this.steps =
        segments.length > 1 && length < SHORT_SEGMENT ? allSteps(segments, length) : new int[0];
  }

  /** The rows of a row-major matrix. */
  public static GatheredRows of(int rows, int columns, int stride) {
    int[] starts = new int[rows];
    Arrays.setAll(starts, row -> row * stride);
    return new GatheredRows(starts, new int[] {0}, columns);
  }

  private static int[] allSteps(int[] segments, int length) {
    int[] all = new int[segments.length * length];
    for (int k = 0; k < all.length; k++) {
      all[k] = segments[k / length] + k % length;
    }
    return all;
  }

  /** The number of rows. */
  public int rows() {
    return starts.length;
  }

  /** Elements of each row. */
  public int depth() {
    return segments.length * length;
  }

  /** Where each row begins. */
  public int[] starts() {
    return starts;
  }

  /** Where the contiguous pieces of a row lie from its beginning. */
  public int[] segments() {
    return segments;
  }

  /** Elements of a contiguous piece. */
  public int segmentLength() {
    return length;
  }

  /** True if the pieces are so short that {@link #steps} should be used instead. */
  public boolean isScattered() {
    return steps.length > 0;
  }

  /** Where each element of a row lies from its beginning; only if {@link #isScattered}. */
  public int[] steps() {
    return steps;
  }
}
