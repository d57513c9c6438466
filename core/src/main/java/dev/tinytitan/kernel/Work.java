package dev.tinytitan.kernel;

/** How work is estimated and split between threads. */
public final class Work {
  /** Estimated nanoseconds below which a part is not worth a thread. */
  private static final double LEAST_NANOS_OF_PART = 30_000;

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
   * Into how many parts work is split.
   *
   * @param units how many indivisible units there are
   */
  public static int parts(int threads, double nanos, int units) {
    int worth = (int) Math.min(threads, nanos / LEAST_NANOS_OF_PART);
    return Math.max(1, Math.min(worth, units));
  }

  /** Where part {@code part} of {@code parts} begins, in a range of {@code count}, in units. */
  public static int bound(int count, int unit, int part, int parts) {
    long units = (count + unit - 1L) / unit;
    return (int) Math.min(count, units * part / parts * unit);
  }
}
