package dev.tinytitan.kernel;

/**
 * Adds multiples of rows to a row of sums, all from the beginning of arrays of their own: the form
 * of loop that the JVM's compiler vectorizes. More than one row at a time saves loads and stores of
 * the sums; more than {@link #TERMS}, or a second row of sums, make the loop too large for the
 * compiler to unroll, and without that it does not vectorize.
 */
final class RowSums {
  /** The most rows that are added at once. */
  static final int TERMS = 5;

  /** Nanoseconds of a call, and of a step of its loop; of a copy, and of an element of it. */
  private static final double NANOS_OF_CALL = 9;

  private static final double NANOS_OF_STEP = 0.24;
  private static final double NANOS_OF_COPY = 8;
  private static final double NANOS_OF_ELEMENT = 0.03;

  private RowSums() {}

  /**
   * Estimated nanoseconds to add up several rows of sums from the same rows, which are copied out
   * of a matrix first.
   */
  static double nanos(int sums, int rows, int length) {
    int quads = Math.ceilDiv(rows, 4);
    double calls = quads * Math.ceil((double) length / Scratch.ROW_LENGTH);
    double copies = rows * Math.ceil((double) length / Scratch.ROW_LENGTH);
    return calls * sums * NANOS_OF_CALL
        + quads * (double) sums * length * NANOS_OF_STEP
        + copies * NANOS_OF_COPY
        + (double) rows * length * NANOS_OF_ELEMENT;
  }

  /** How many rows to add at once if this many are left. */
  static int terms(int left) {
    return left == TERMS ? TERMS : Math.min(left, 4);
  }

  /** {@code sums += sum over k < terms of factors[from + k] * rows[k]}, {@code count} elements. */
  static void add(float[] factors, int from, int terms, float[][] rows, float[] sums, int count) {
    float[] f = factors;
    switch (terms) {
      case 5 -> add(f[from], f[from + 1], f[from + 2], f[from + 3], f[from + 4], rows, sums, count);
      case 4 -> add(f[from], f[from + 1], f[from + 2], f[from + 3], rows, sums, count);
      case 3 -> add(f[from], f[from + 1], f[from + 2], rows, sums, count);
      case 2 -> add(f[from], f[from + 1], rows, sums, count);
      default -> add(f[from], rows, sums, count);
    }
  }

  /** As {@link #add}, with factors at {@code factors[from + steps[step + k]]}. */
  static void addScattered(
      float[] factors,
      int from,
      int[] steps,
      int step,
      int terms,
      float[][] rows,
      float[] sums,
      int count) {
    float f0 = factors[from + steps[step]];
    float f1 = terms > 1 ? factors[from + steps[step + 1]] : 0;
    float f2 = terms > 2 ? factors[from + steps[step + 2]] : 0;
    float f3 = terms > 3 ? factors[from + steps[step + 3]] : 0;
    switch (terms) {
      case 5 -> add(f0, f1, f2, f3, factors[from + steps[step + 4]], rows, sums, count);
      case 4 -> add(f0, f1, f2, f3, rows, sums, count);
      case 3 -> add(f0, f1, f2, rows, sums, count);
      case 2 -> add(f0, f1, rows, sums, count);
      default -> add(f0, rows, sums, count);
    }
  }

  private static void add(
      float a, float b, float c, float d, float e, float[][] rows, float[] sums, int count) {
    float[] r0 = rows[0];
    float[] r1 = rows[1];
    float[] r2 = rows[2];
    float[] r3 = rows[3];
    float[] r4 = rows[4];
    for (int j = 0; j < count; j++) {
      sums[j] += a * r0[j] + b * r1[j] + (c * r2[j] + d * r3[j]) + e * r4[j];
    }
  }

  private static void add(
      float a, float b, float c, float d, float[][] rows, float[] sums, int count) {
    float[] r0 = rows[0];
    float[] r1 = rows[1];
    float[] r2 = rows[2];
    float[] r3 = rows[3];
    for (int j = 0; j < count; j++) {
      sums[j] += a * r0[j] + b * r1[j] + (c * r2[j] + d * r3[j]);
    }
  }

  private static void add(float a, float b, float c, float[][] rows, float[] sums, int count) {
    float[] r0 = rows[0];
    float[] r1 = rows[1];
    float[] r2 = rows[2];
    for (int j = 0; j < count; j++) {
      sums[j] += a * r0[j] + b * r1[j] + c * r2[j];
    }
  }

  private static void add(float a, float b, float[][] rows, float[] sums, int count) {
    float[] r0 = rows[0];
    float[] r1 = rows[1];
    for (int j = 0; j < count; j++) {
      sums[j] += a * r0[j] + b * r1[j];
    }
  }

  private static void add(float a, float[][] rows, float[] sums, int count) {
    float[] r0 = rows[0];
    for (int j = 0; j < count; j++) {
      sums[j] += a * r0[j];
    }
  }

  /**
   * {@code sums += sum over k of factors[k] * rows[k]}, the rows of bytes one behind the other.
   *
   * @param from where the first row lies
   */
  static void addBytes(float[] factors, int depth, byte[] rows, int from, float[] sums, int count) {
    int at = from;
    int k = 0;
    for (; k + 4 <= depth; k += 4) {
      addBytes(factors[k], factors[k + 1], factors[k + 2], factors[k + 3], rows, at, sums, count);
      at += 4 * count;
    }
    for (; k < depth; k++) {
      addBytes(factors[k], rows, at, sums, count);
      at += count;
    }
  }

  private static void addBytes(
      float a, float b, float c, float d, byte[] rows, int from, float[] sums, int count) {
    int second = from + count;
    int third = second + count;
    int fourth = third + count;
    for (int j = 0; j < count; j++) {
      sums[j] +=
          a * rows[from + j] + b * rows[second + j] + (c * rows[third + j] + d * rows[fourth + j]);
    }
  }

  private static void addBytes(float a, byte[] rows, int from, float[] sums, int count) {
    for (int j = 0; j < count; j++) {
      sums[j] += a * rows[from + j];
    }
  }
}
