package dev.tinytitan.kernel;

/** How work is estimated and split between threads. */
public final class Work {
  /** Estimated nanoseconds below which a part is not worth handing to a thread that is awake. */
  private static final double LEAST_NANOS_OF_PART = 5_000;

  /** Estimated nanoseconds of a part below which no sleeping thread is woken for it. */
  private static final double LEAST_NANOS_TO_WAKE = 30_000;

  /** Multiply-adds of vector kernels in a nanosecond, roughly. */
  private static final double PRODUCTS_PER_NANO = 40;

  private Work() {}

  /** Nanoseconds for these multiply-adds. */
  public static double ofProducts(double products) {
    return 200 + products / PRODUCTS_PER_NANO;
  }

  /** Nanoseconds for a pass over this many floats. */
  public static double ofElements(double elements, double nanosEach) {
    return 50 + elements * nanosEach;
  }

  /**
   * Into how many parts work is split. Handing a part to a thread that is awake takes less than a
   * microsecond; whether sleeping ones are woken for it is another question ({@link
   * #isWorthWaking}).
   *
   * @param nanos estimated time of all parts together
   * @param units how many indivisible units there are
   */
  public static int parts(int threads, double nanos, int units) {
    int worth = (int) Math.min(threads, nanos / LEAST_NANOS_OF_PART);
    return Math.max(1, Math.min(worth, units));
  }

  /** Whether work of this estimated time is split between threads that are awake. */
  public static boolean isWorthSharing(double nanos) {
    return nanos >= 2 * LEAST_NANOS_OF_PART;
  }

  /**
   * Whether parts are worth waking threads that sleep: some ten microseconds for who wakes them,
   * and as many again until they are there.
   *
   * @param nanos estimated time of all parts together
   */
  public static boolean isWorthWaking(double nanos, int parts) {
    return nanos / parts >= LEAST_NANOS_TO_WAKE;
  }

  /**
   * Into how many parts work of this estimated time is split if threads have to be woken for it.
   */
  public static int partsWorthWaking(int threads, double nanos) {
    return Math.max(1, (int) Math.min(threads, nanos / LEAST_NANOS_TO_WAKE));
  }

  /** Where part {@code part} of {@code parts} begins, in a range of {@code count}, in units. */
  public static int bound(int count, int unit, int part, int parts) {
    long units = (count + unit - 1L) / unit;
    return (int) Math.min(count, units * part / parts * unit);
  }
}
