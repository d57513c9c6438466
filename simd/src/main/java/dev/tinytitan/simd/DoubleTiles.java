package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.LANES;
import static dev.tinytitan.simd.FloatVectors.SPECIES;

import dev.tinytitan.kernel.Finish;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Tiles of a matrix product that are two vectors wide: their sums stay in registers while the sums'
 * terms pass by. Each adds {@code a * b} to {@code initial} and writes whole vectors to {@code c}.
 * Rows beyond {@code last} repeat it.
 *
 * <p>Written out row by row, with nothing but loads, multiply-adds and stores in a method: the
 * compiler keeps vectors in registers only where it inlines everything, and gives up inlining in
 * large methods; sums that pass through two nested loops are boxed. Two steps of the sums in each
 * round save reading the rows' addresses twice.
 */
final class DoubleTiles {
  private DoubleTiles() {}

  /** 12 rows by 2 vectors; each row contiguous. */
  static void contiguous12(
      float[] a,
      int aFrom,
      int[] starts,
      int row,
      int last,
      int length,
      float[] b,
      int bFrom,
      float[] initial,
      int initialFrom,
      int initialStride,
      float[] c,
      int cFrom,
      int cStride) {
    int r0 = aFrom + starts[row];
    int r1 = aFrom + starts[Math.min(row + 1, last)];
    int r2 = aFrom + starts[Math.min(row + 2, last)];
    int r3 = aFrom + starts[Math.min(row + 3, last)];
    int r4 = aFrom + starts[Math.min(row + 4, last)];
    int r5 = aFrom + starts[Math.min(row + 5, last)];
    int r6 = aFrom + starts[Math.min(row + 6, last)];
    int r7 = aFrom + starts[Math.min(row + 7, last)];
    int r8 = aFrom + starts[Math.min(row + 8, last)];
    int r9 = aFrom + starts[Math.min(row + 9, last)];
    int r10 = aFrom + starts[Math.min(row + 10, last)];
    int r11 = aFrom + starts[Math.min(row + 11, last)];
    int i0 = initialFrom;
    FloatVector c0a = FloatVector.fromArray(SPECIES, initial, i0);
    FloatVector c0b = FloatVector.fromArray(SPECIES, initial, i0 + LANES);
    int i1 = initialFrom + Math.min(1, last - row) * initialStride;
    FloatVector c1a = FloatVector.fromArray(SPECIES, initial, i1);
    FloatVector c1b = FloatVector.fromArray(SPECIES, initial, i1 + LANES);
    int i2 = initialFrom + Math.min(2, last - row) * initialStride;
    FloatVector c2a = FloatVector.fromArray(SPECIES, initial, i2);
    FloatVector c2b = FloatVector.fromArray(SPECIES, initial, i2 + LANES);
    int i3 = initialFrom + Math.min(3, last - row) * initialStride;
    FloatVector c3a = FloatVector.fromArray(SPECIES, initial, i3);
    FloatVector c3b = FloatVector.fromArray(SPECIES, initial, i3 + LANES);
    int i4 = initialFrom + Math.min(4, last - row) * initialStride;
    FloatVector c4a = FloatVector.fromArray(SPECIES, initial, i4);
    FloatVector c4b = FloatVector.fromArray(SPECIES, initial, i4 + LANES);
    int i5 = initialFrom + Math.min(5, last - row) * initialStride;
    FloatVector c5a = FloatVector.fromArray(SPECIES, initial, i5);
    FloatVector c5b = FloatVector.fromArray(SPECIES, initial, i5 + LANES);
    int i6 = initialFrom + Math.min(6, last - row) * initialStride;
    FloatVector c6a = FloatVector.fromArray(SPECIES, initial, i6);
    FloatVector c6b = FloatVector.fromArray(SPECIES, initial, i6 + LANES);
    int i7 = initialFrom + Math.min(7, last - row) * initialStride;
    FloatVector c7a = FloatVector.fromArray(SPECIES, initial, i7);
    FloatVector c7b = FloatVector.fromArray(SPECIES, initial, i7 + LANES);
    int i8 = initialFrom + Math.min(8, last - row) * initialStride;
    FloatVector c8a = FloatVector.fromArray(SPECIES, initial, i8);
    FloatVector c8b = FloatVector.fromArray(SPECIES, initial, i8 + LANES);
    int i9 = initialFrom + Math.min(9, last - row) * initialStride;
    FloatVector c9a = FloatVector.fromArray(SPECIES, initial, i9);
    FloatVector c9b = FloatVector.fromArray(SPECIES, initial, i9 + LANES);
    int i10 = initialFrom + Math.min(10, last - row) * initialStride;
    FloatVector c10a = FloatVector.fromArray(SPECIES, initial, i10);
    FloatVector c10b = FloatVector.fromArray(SPECIES, initial, i10 + LANES);
    int i11 = initialFrom + Math.min(11, last - row) * initialStride;
    FloatVector c11a = FloatVector.fromArray(SPECIES, initial, i11);
    FloatVector c11b = FloatVector.fromArray(SPECIES, initial, i11 + LANES);
    int bound = length & -2;
    for (int k = 0; k < bound; k += 2) {
      FloatVector ba0 = FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES);
      FloatVector bb0 = FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES + LANES);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[r0 + k]);
      c0a = x0.fma(ba0, c0a);
      c0b = x0.fma(bb0, c0b);
      x0 = FloatVector.broadcast(SPECIES, a[r1 + k]);
      c1a = x0.fma(ba0, c1a);
      c1b = x0.fma(bb0, c1b);
      x0 = FloatVector.broadcast(SPECIES, a[r2 + k]);
      c2a = x0.fma(ba0, c2a);
      c2b = x0.fma(bb0, c2b);
      x0 = FloatVector.broadcast(SPECIES, a[r3 + k]);
      c3a = x0.fma(ba0, c3a);
      c3b = x0.fma(bb0, c3b);
      x0 = FloatVector.broadcast(SPECIES, a[r4 + k]);
      c4a = x0.fma(ba0, c4a);
      c4b = x0.fma(bb0, c4b);
      x0 = FloatVector.broadcast(SPECIES, a[r5 + k]);
      c5a = x0.fma(ba0, c5a);
      c5b = x0.fma(bb0, c5b);
      x0 = FloatVector.broadcast(SPECIES, a[r6 + k]);
      c6a = x0.fma(ba0, c6a);
      c6b = x0.fma(bb0, c6b);
      x0 = FloatVector.broadcast(SPECIES, a[r7 + k]);
      c7a = x0.fma(ba0, c7a);
      c7b = x0.fma(bb0, c7b);
      x0 = FloatVector.broadcast(SPECIES, a[r8 + k]);
      c8a = x0.fma(ba0, c8a);
      c8b = x0.fma(bb0, c8b);
      x0 = FloatVector.broadcast(SPECIES, a[r9 + k]);
      c9a = x0.fma(ba0, c9a);
      c9b = x0.fma(bb0, c9b);
      x0 = FloatVector.broadcast(SPECIES, a[r10 + k]);
      c10a = x0.fma(ba0, c10a);
      c10b = x0.fma(bb0, c10b);
      x0 = FloatVector.broadcast(SPECIES, a[r11 + k]);
      c11a = x0.fma(ba0, c11a);
      c11b = x0.fma(bb0, c11b);
      FloatVector ba1 = FloatVector.fromArray(SPECIES, b, bFrom + (k + 1) * 2 * LANES);
      FloatVector bb1 = FloatVector.fromArray(SPECIES, b, bFrom + (k + 1) * 2 * LANES + LANES);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[r0 + k + 1]);
      c0a = x1.fma(ba1, c0a);
      c0b = x1.fma(bb1, c0b);
      x1 = FloatVector.broadcast(SPECIES, a[r1 + k + 1]);
      c1a = x1.fma(ba1, c1a);
      c1b = x1.fma(bb1, c1b);
      x1 = FloatVector.broadcast(SPECIES, a[r2 + k + 1]);
      c2a = x1.fma(ba1, c2a);
      c2b = x1.fma(bb1, c2b);
      x1 = FloatVector.broadcast(SPECIES, a[r3 + k + 1]);
      c3a = x1.fma(ba1, c3a);
      c3b = x1.fma(bb1, c3b);
      x1 = FloatVector.broadcast(SPECIES, a[r4 + k + 1]);
      c4a = x1.fma(ba1, c4a);
      c4b = x1.fma(bb1, c4b);
      x1 = FloatVector.broadcast(SPECIES, a[r5 + k + 1]);
      c5a = x1.fma(ba1, c5a);
      c5b = x1.fma(bb1, c5b);
      x1 = FloatVector.broadcast(SPECIES, a[r6 + k + 1]);
      c6a = x1.fma(ba1, c6a);
      c6b = x1.fma(bb1, c6b);
      x1 = FloatVector.broadcast(SPECIES, a[r7 + k + 1]);
      c7a = x1.fma(ba1, c7a);
      c7b = x1.fma(bb1, c7b);
      x1 = FloatVector.broadcast(SPECIES, a[r8 + k + 1]);
      c8a = x1.fma(ba1, c8a);
      c8b = x1.fma(bb1, c8b);
      x1 = FloatVector.broadcast(SPECIES, a[r9 + k + 1]);
      c9a = x1.fma(ba1, c9a);
      c9b = x1.fma(bb1, c9b);
      x1 = FloatVector.broadcast(SPECIES, a[r10 + k + 1]);
      c10a = x1.fma(ba1, c10a);
      c10b = x1.fma(bb1, c10b);
      x1 = FloatVector.broadcast(SPECIES, a[r11 + k + 1]);
      c11a = x1.fma(ba1, c11a);
      c11b = x1.fma(bb1, c11b);
    }
    for (int k = bound; k < length; k++) {
      FloatVector ba = FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES);
      FloatVector bb = FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[r0 + k]);
      c0a = x.fma(ba, c0a);
      c0b = x.fma(bb, c0b);
      x = FloatVector.broadcast(SPECIES, a[r1 + k]);
      c1a = x.fma(ba, c1a);
      c1b = x.fma(bb, c1b);
      x = FloatVector.broadcast(SPECIES, a[r2 + k]);
      c2a = x.fma(ba, c2a);
      c2b = x.fma(bb, c2b);
      x = FloatVector.broadcast(SPECIES, a[r3 + k]);
      c3a = x.fma(ba, c3a);
      c3b = x.fma(bb, c3b);
      x = FloatVector.broadcast(SPECIES, a[r4 + k]);
      c4a = x.fma(ba, c4a);
      c4b = x.fma(bb, c4b);
      x = FloatVector.broadcast(SPECIES, a[r5 + k]);
      c5a = x.fma(ba, c5a);
      c5b = x.fma(bb, c5b);
      x = FloatVector.broadcast(SPECIES, a[r6 + k]);
      c6a = x.fma(ba, c6a);
      c6b = x.fma(bb, c6b);
      x = FloatVector.broadcast(SPECIES, a[r7 + k]);
      c7a = x.fma(ba, c7a);
      c7b = x.fma(bb, c7b);
      x = FloatVector.broadcast(SPECIES, a[r8 + k]);
      c8a = x.fma(ba, c8a);
      c8b = x.fma(bb, c8b);
      x = FloatVector.broadcast(SPECIES, a[r9 + k]);
      c9a = x.fma(ba, c9a);
      c9b = x.fma(bb, c9b);
      x = FloatVector.broadcast(SPECIES, a[r10 + k]);
      c10a = x.fma(ba, c10a);
      c10b = x.fma(bb, c10b);
      x = FloatVector.broadcast(SPECIES, a[r11 + k]);
      c11a = x.fma(ba, c11a);
      c11b = x.fma(bb, c11b);
    }
    int t0 = cFrom;
    c0a.intoArray(c, t0);
    c0b.intoArray(c, t0 + LANES);
    int t1 = cFrom + Math.min(1, last - row) * cStride;
    c1a.intoArray(c, t1);
    c1b.intoArray(c, t1 + LANES);
    int t2 = cFrom + Math.min(2, last - row) * cStride;
    c2a.intoArray(c, t2);
    c2b.intoArray(c, t2 + LANES);
    int t3 = cFrom + Math.min(3, last - row) * cStride;
    c3a.intoArray(c, t3);
    c3b.intoArray(c, t3 + LANES);
    int t4 = cFrom + Math.min(4, last - row) * cStride;
    c4a.intoArray(c, t4);
    c4b.intoArray(c, t4 + LANES);
    int t5 = cFrom + Math.min(5, last - row) * cStride;
    c5a.intoArray(c, t5);
    c5b.intoArray(c, t5 + LANES);
    int t6 = cFrom + Math.min(6, last - row) * cStride;
    c6a.intoArray(c, t6);
    c6b.intoArray(c, t6 + LANES);
    int t7 = cFrom + Math.min(7, last - row) * cStride;
    c7a.intoArray(c, t7);
    c7b.intoArray(c, t7 + LANES);
    int t8 = cFrom + Math.min(8, last - row) * cStride;
    c8a.intoArray(c, t8);
    c8b.intoArray(c, t8 + LANES);
    int t9 = cFrom + Math.min(9, last - row) * cStride;
    c9a.intoArray(c, t9);
    c9b.intoArray(c, t9 + LANES);
    int t10 = cFrom + Math.min(10, last - row) * cStride;
    c10a.intoArray(c, t10);
    c10b.intoArray(c, t10 + LANES);
    int t11 = cFrom + Math.min(11, last - row) * cStride;
    c11a.intoArray(c, t11);
    c11b.intoArray(c, t11 + LANES);
  }

  /** 12 rows by 2 vectors; each element of a row at {@code steps[k]}. */
  static void scattered12(
      float[] a,
      int aFrom,
      int[] starts,
      int row,
      int last,
      int[] steps,
      int length,
      float[] b,
      int bFrom,
      float[] initial,
      int initialFrom,
      int initialStride,
      float[] c,
      int cFrom,
      int cStride) {
    int r0 = aFrom + starts[row];
    int r1 = aFrom + starts[Math.min(row + 1, last)];
    int r2 = aFrom + starts[Math.min(row + 2, last)];
    int r3 = aFrom + starts[Math.min(row + 3, last)];
    int r4 = aFrom + starts[Math.min(row + 4, last)];
    int r5 = aFrom + starts[Math.min(row + 5, last)];
    int r6 = aFrom + starts[Math.min(row + 6, last)];
    int r7 = aFrom + starts[Math.min(row + 7, last)];
    int r8 = aFrom + starts[Math.min(row + 8, last)];
    int r9 = aFrom + starts[Math.min(row + 9, last)];
    int r10 = aFrom + starts[Math.min(row + 10, last)];
    int r11 = aFrom + starts[Math.min(row + 11, last)];
    int i0 = initialFrom;
    FloatVector c0a = FloatVector.fromArray(SPECIES, initial, i0);
    FloatVector c0b = FloatVector.fromArray(SPECIES, initial, i0 + LANES);
    int i1 = initialFrom + Math.min(1, last - row) * initialStride;
    FloatVector c1a = FloatVector.fromArray(SPECIES, initial, i1);
    FloatVector c1b = FloatVector.fromArray(SPECIES, initial, i1 + LANES);
    int i2 = initialFrom + Math.min(2, last - row) * initialStride;
    FloatVector c2a = FloatVector.fromArray(SPECIES, initial, i2);
    FloatVector c2b = FloatVector.fromArray(SPECIES, initial, i2 + LANES);
    int i3 = initialFrom + Math.min(3, last - row) * initialStride;
    FloatVector c3a = FloatVector.fromArray(SPECIES, initial, i3);
    FloatVector c3b = FloatVector.fromArray(SPECIES, initial, i3 + LANES);
    int i4 = initialFrom + Math.min(4, last - row) * initialStride;
    FloatVector c4a = FloatVector.fromArray(SPECIES, initial, i4);
    FloatVector c4b = FloatVector.fromArray(SPECIES, initial, i4 + LANES);
    int i5 = initialFrom + Math.min(5, last - row) * initialStride;
    FloatVector c5a = FloatVector.fromArray(SPECIES, initial, i5);
    FloatVector c5b = FloatVector.fromArray(SPECIES, initial, i5 + LANES);
    int i6 = initialFrom + Math.min(6, last - row) * initialStride;
    FloatVector c6a = FloatVector.fromArray(SPECIES, initial, i6);
    FloatVector c6b = FloatVector.fromArray(SPECIES, initial, i6 + LANES);
    int i7 = initialFrom + Math.min(7, last - row) * initialStride;
    FloatVector c7a = FloatVector.fromArray(SPECIES, initial, i7);
    FloatVector c7b = FloatVector.fromArray(SPECIES, initial, i7 + LANES);
    int i8 = initialFrom + Math.min(8, last - row) * initialStride;
    FloatVector c8a = FloatVector.fromArray(SPECIES, initial, i8);
    FloatVector c8b = FloatVector.fromArray(SPECIES, initial, i8 + LANES);
    int i9 = initialFrom + Math.min(9, last - row) * initialStride;
    FloatVector c9a = FloatVector.fromArray(SPECIES, initial, i9);
    FloatVector c9b = FloatVector.fromArray(SPECIES, initial, i9 + LANES);
    int i10 = initialFrom + Math.min(10, last - row) * initialStride;
    FloatVector c10a = FloatVector.fromArray(SPECIES, initial, i10);
    FloatVector c10b = FloatVector.fromArray(SPECIES, initial, i10 + LANES);
    int i11 = initialFrom + Math.min(11, last - row) * initialStride;
    FloatVector c11a = FloatVector.fromArray(SPECIES, initial, i11);
    FloatVector c11b = FloatVector.fromArray(SPECIES, initial, i11 + LANES);
    int bound = length & -2;
    for (int k = 0; k < bound; k += 2) {
      int step0 = steps[k];
      FloatVector ba0 = FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES);
      FloatVector bb0 = FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES + LANES);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[r0 + step0]);
      c0a = x0.fma(ba0, c0a);
      c0b = x0.fma(bb0, c0b);
      x0 = FloatVector.broadcast(SPECIES, a[r1 + step0]);
      c1a = x0.fma(ba0, c1a);
      c1b = x0.fma(bb0, c1b);
      x0 = FloatVector.broadcast(SPECIES, a[r2 + step0]);
      c2a = x0.fma(ba0, c2a);
      c2b = x0.fma(bb0, c2b);
      x0 = FloatVector.broadcast(SPECIES, a[r3 + step0]);
      c3a = x0.fma(ba0, c3a);
      c3b = x0.fma(bb0, c3b);
      x0 = FloatVector.broadcast(SPECIES, a[r4 + step0]);
      c4a = x0.fma(ba0, c4a);
      c4b = x0.fma(bb0, c4b);
      x0 = FloatVector.broadcast(SPECIES, a[r5 + step0]);
      c5a = x0.fma(ba0, c5a);
      c5b = x0.fma(bb0, c5b);
      x0 = FloatVector.broadcast(SPECIES, a[r6 + step0]);
      c6a = x0.fma(ba0, c6a);
      c6b = x0.fma(bb0, c6b);
      x0 = FloatVector.broadcast(SPECIES, a[r7 + step0]);
      c7a = x0.fma(ba0, c7a);
      c7b = x0.fma(bb0, c7b);
      x0 = FloatVector.broadcast(SPECIES, a[r8 + step0]);
      c8a = x0.fma(ba0, c8a);
      c8b = x0.fma(bb0, c8b);
      x0 = FloatVector.broadcast(SPECIES, a[r9 + step0]);
      c9a = x0.fma(ba0, c9a);
      c9b = x0.fma(bb0, c9b);
      x0 = FloatVector.broadcast(SPECIES, a[r10 + step0]);
      c10a = x0.fma(ba0, c10a);
      c10b = x0.fma(bb0, c10b);
      x0 = FloatVector.broadcast(SPECIES, a[r11 + step0]);
      c11a = x0.fma(ba0, c11a);
      c11b = x0.fma(bb0, c11b);
      int step1 = steps[k + 1];
      FloatVector ba1 = FloatVector.fromArray(SPECIES, b, bFrom + (k + 1) * 2 * LANES);
      FloatVector bb1 = FloatVector.fromArray(SPECIES, b, bFrom + (k + 1) * 2 * LANES + LANES);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[r0 + step1]);
      c0a = x1.fma(ba1, c0a);
      c0b = x1.fma(bb1, c0b);
      x1 = FloatVector.broadcast(SPECIES, a[r1 + step1]);
      c1a = x1.fma(ba1, c1a);
      c1b = x1.fma(bb1, c1b);
      x1 = FloatVector.broadcast(SPECIES, a[r2 + step1]);
      c2a = x1.fma(ba1, c2a);
      c2b = x1.fma(bb1, c2b);
      x1 = FloatVector.broadcast(SPECIES, a[r3 + step1]);
      c3a = x1.fma(ba1, c3a);
      c3b = x1.fma(bb1, c3b);
      x1 = FloatVector.broadcast(SPECIES, a[r4 + step1]);
      c4a = x1.fma(ba1, c4a);
      c4b = x1.fma(bb1, c4b);
      x1 = FloatVector.broadcast(SPECIES, a[r5 + step1]);
      c5a = x1.fma(ba1, c5a);
      c5b = x1.fma(bb1, c5b);
      x1 = FloatVector.broadcast(SPECIES, a[r6 + step1]);
      c6a = x1.fma(ba1, c6a);
      c6b = x1.fma(bb1, c6b);
      x1 = FloatVector.broadcast(SPECIES, a[r7 + step1]);
      c7a = x1.fma(ba1, c7a);
      c7b = x1.fma(bb1, c7b);
      x1 = FloatVector.broadcast(SPECIES, a[r8 + step1]);
      c8a = x1.fma(ba1, c8a);
      c8b = x1.fma(bb1, c8b);
      x1 = FloatVector.broadcast(SPECIES, a[r9 + step1]);
      c9a = x1.fma(ba1, c9a);
      c9b = x1.fma(bb1, c9b);
      x1 = FloatVector.broadcast(SPECIES, a[r10 + step1]);
      c10a = x1.fma(ba1, c10a);
      c10b = x1.fma(bb1, c10b);
      x1 = FloatVector.broadcast(SPECIES, a[r11 + step1]);
      c11a = x1.fma(ba1, c11a);
      c11b = x1.fma(bb1, c11b);
    }
    for (int k = bound; k < length; k++) {
      int step = steps[k];
      FloatVector ba = FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES);
      FloatVector bb = FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[r0 + step]);
      c0a = x.fma(ba, c0a);
      c0b = x.fma(bb, c0b);
      x = FloatVector.broadcast(SPECIES, a[r1 + step]);
      c1a = x.fma(ba, c1a);
      c1b = x.fma(bb, c1b);
      x = FloatVector.broadcast(SPECIES, a[r2 + step]);
      c2a = x.fma(ba, c2a);
      c2b = x.fma(bb, c2b);
      x = FloatVector.broadcast(SPECIES, a[r3 + step]);
      c3a = x.fma(ba, c3a);
      c3b = x.fma(bb, c3b);
      x = FloatVector.broadcast(SPECIES, a[r4 + step]);
      c4a = x.fma(ba, c4a);
      c4b = x.fma(bb, c4b);
      x = FloatVector.broadcast(SPECIES, a[r5 + step]);
      c5a = x.fma(ba, c5a);
      c5b = x.fma(bb, c5b);
      x = FloatVector.broadcast(SPECIES, a[r6 + step]);
      c6a = x.fma(ba, c6a);
      c6b = x.fma(bb, c6b);
      x = FloatVector.broadcast(SPECIES, a[r7 + step]);
      c7a = x.fma(ba, c7a);
      c7b = x.fma(bb, c7b);
      x = FloatVector.broadcast(SPECIES, a[r8 + step]);
      c8a = x.fma(ba, c8a);
      c8b = x.fma(bb, c8b);
      x = FloatVector.broadcast(SPECIES, a[r9 + step]);
      c9a = x.fma(ba, c9a);
      c9b = x.fma(bb, c9b);
      x = FloatVector.broadcast(SPECIES, a[r10 + step]);
      c10a = x.fma(ba, c10a);
      c10b = x.fma(bb, c10b);
      x = FloatVector.broadcast(SPECIES, a[r11 + step]);
      c11a = x.fma(ba, c11a);
      c11b = x.fma(bb, c11b);
    }
    int t0 = cFrom;
    c0a.intoArray(c, t0);
    c0b.intoArray(c, t0 + LANES);
    int t1 = cFrom + Math.min(1, last - row) * cStride;
    c1a.intoArray(c, t1);
    c1b.intoArray(c, t1 + LANES);
    int t2 = cFrom + Math.min(2, last - row) * cStride;
    c2a.intoArray(c, t2);
    c2b.intoArray(c, t2 + LANES);
    int t3 = cFrom + Math.min(3, last - row) * cStride;
    c3a.intoArray(c, t3);
    c3b.intoArray(c, t3 + LANES);
    int t4 = cFrom + Math.min(4, last - row) * cStride;
    c4a.intoArray(c, t4);
    c4b.intoArray(c, t4 + LANES);
    int t5 = cFrom + Math.min(5, last - row) * cStride;
    c5a.intoArray(c, t5);
    c5b.intoArray(c, t5 + LANES);
    int t6 = cFrom + Math.min(6, last - row) * cStride;
    c6a.intoArray(c, t6);
    c6b.intoArray(c, t6 + LANES);
    int t7 = cFrom + Math.min(7, last - row) * cStride;
    c7a.intoArray(c, t7);
    c7b.intoArray(c, t7 + LANES);
    int t8 = cFrom + Math.min(8, last - row) * cStride;
    c8a.intoArray(c, t8);
    c8b.intoArray(c, t8 + LANES);
    int t9 = cFrom + Math.min(9, last - row) * cStride;
    c9a.intoArray(c, t9);
    c9b.intoArray(c, t9 + LANES);
    int t10 = cFrom + Math.min(10, last - row) * cStride;
    c10a.intoArray(c, t10);
    c10b.intoArray(c, t10 + LANES);
    int t11 = cFrom + Math.min(11, last - row) * cStride;
    c11a.intoArray(c, t11);
    c11b.intoArray(c, t11 + LANES);
  }

  /** 6 rows by 2 vectors; each row contiguous. */
  static void contiguous6(
      float[] a,
      int aFrom,
      int[] starts,
      int row,
      int last,
      int length,
      float[] b,
      int bFrom,
      float[] initial,
      int initialFrom,
      int initialStride,
      float[] c,
      int cFrom,
      int cStride) {
    int r0 = aFrom + starts[row];
    int r1 = aFrom + starts[Math.min(row + 1, last)];
    int r2 = aFrom + starts[Math.min(row + 2, last)];
    int r3 = aFrom + starts[Math.min(row + 3, last)];
    int r4 = aFrom + starts[Math.min(row + 4, last)];
    int r5 = aFrom + starts[Math.min(row + 5, last)];
    int i0 = initialFrom;
    FloatVector c0a = FloatVector.fromArray(SPECIES, initial, i0);
    FloatVector c0b = FloatVector.fromArray(SPECIES, initial, i0 + LANES);
    int i1 = initialFrom + Math.min(1, last - row) * initialStride;
    FloatVector c1a = FloatVector.fromArray(SPECIES, initial, i1);
    FloatVector c1b = FloatVector.fromArray(SPECIES, initial, i1 + LANES);
    int i2 = initialFrom + Math.min(2, last - row) * initialStride;
    FloatVector c2a = FloatVector.fromArray(SPECIES, initial, i2);
    FloatVector c2b = FloatVector.fromArray(SPECIES, initial, i2 + LANES);
    int i3 = initialFrom + Math.min(3, last - row) * initialStride;
    FloatVector c3a = FloatVector.fromArray(SPECIES, initial, i3);
    FloatVector c3b = FloatVector.fromArray(SPECIES, initial, i3 + LANES);
    int i4 = initialFrom + Math.min(4, last - row) * initialStride;
    FloatVector c4a = FloatVector.fromArray(SPECIES, initial, i4);
    FloatVector c4b = FloatVector.fromArray(SPECIES, initial, i4 + LANES);
    int i5 = initialFrom + Math.min(5, last - row) * initialStride;
    FloatVector c5a = FloatVector.fromArray(SPECIES, initial, i5);
    FloatVector c5b = FloatVector.fromArray(SPECIES, initial, i5 + LANES);
    int bound = length & -2;
    for (int k = 0; k < bound; k += 2) {
      FloatVector ba0 = FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES);
      FloatVector bb0 = FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES + LANES);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[r0 + k]);
      c0a = x0.fma(ba0, c0a);
      c0b = x0.fma(bb0, c0b);
      x0 = FloatVector.broadcast(SPECIES, a[r1 + k]);
      c1a = x0.fma(ba0, c1a);
      c1b = x0.fma(bb0, c1b);
      x0 = FloatVector.broadcast(SPECIES, a[r2 + k]);
      c2a = x0.fma(ba0, c2a);
      c2b = x0.fma(bb0, c2b);
      x0 = FloatVector.broadcast(SPECIES, a[r3 + k]);
      c3a = x0.fma(ba0, c3a);
      c3b = x0.fma(bb0, c3b);
      x0 = FloatVector.broadcast(SPECIES, a[r4 + k]);
      c4a = x0.fma(ba0, c4a);
      c4b = x0.fma(bb0, c4b);
      x0 = FloatVector.broadcast(SPECIES, a[r5 + k]);
      c5a = x0.fma(ba0, c5a);
      c5b = x0.fma(bb0, c5b);
      FloatVector ba1 = FloatVector.fromArray(SPECIES, b, bFrom + (k + 1) * 2 * LANES);
      FloatVector bb1 = FloatVector.fromArray(SPECIES, b, bFrom + (k + 1) * 2 * LANES + LANES);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[r0 + k + 1]);
      c0a = x1.fma(ba1, c0a);
      c0b = x1.fma(bb1, c0b);
      x1 = FloatVector.broadcast(SPECIES, a[r1 + k + 1]);
      c1a = x1.fma(ba1, c1a);
      c1b = x1.fma(bb1, c1b);
      x1 = FloatVector.broadcast(SPECIES, a[r2 + k + 1]);
      c2a = x1.fma(ba1, c2a);
      c2b = x1.fma(bb1, c2b);
      x1 = FloatVector.broadcast(SPECIES, a[r3 + k + 1]);
      c3a = x1.fma(ba1, c3a);
      c3b = x1.fma(bb1, c3b);
      x1 = FloatVector.broadcast(SPECIES, a[r4 + k + 1]);
      c4a = x1.fma(ba1, c4a);
      c4b = x1.fma(bb1, c4b);
      x1 = FloatVector.broadcast(SPECIES, a[r5 + k + 1]);
      c5a = x1.fma(ba1, c5a);
      c5b = x1.fma(bb1, c5b);
    }
    for (int k = bound; k < length; k++) {
      FloatVector ba = FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES);
      FloatVector bb = FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[r0 + k]);
      c0a = x.fma(ba, c0a);
      c0b = x.fma(bb, c0b);
      x = FloatVector.broadcast(SPECIES, a[r1 + k]);
      c1a = x.fma(ba, c1a);
      c1b = x.fma(bb, c1b);
      x = FloatVector.broadcast(SPECIES, a[r2 + k]);
      c2a = x.fma(ba, c2a);
      c2b = x.fma(bb, c2b);
      x = FloatVector.broadcast(SPECIES, a[r3 + k]);
      c3a = x.fma(ba, c3a);
      c3b = x.fma(bb, c3b);
      x = FloatVector.broadcast(SPECIES, a[r4 + k]);
      c4a = x.fma(ba, c4a);
      c4b = x.fma(bb, c4b);
      x = FloatVector.broadcast(SPECIES, a[r5 + k]);
      c5a = x.fma(ba, c5a);
      c5b = x.fma(bb, c5b);
    }
    int t0 = cFrom;
    c0a.intoArray(c, t0);
    c0b.intoArray(c, t0 + LANES);
    int t1 = cFrom + Math.min(1, last - row) * cStride;
    c1a.intoArray(c, t1);
    c1b.intoArray(c, t1 + LANES);
    int t2 = cFrom + Math.min(2, last - row) * cStride;
    c2a.intoArray(c, t2);
    c2b.intoArray(c, t2 + LANES);
    int t3 = cFrom + Math.min(3, last - row) * cStride;
    c3a.intoArray(c, t3);
    c3b.intoArray(c, t3 + LANES);
    int t4 = cFrom + Math.min(4, last - row) * cStride;
    c4a.intoArray(c, t4);
    c4b.intoArray(c, t4 + LANES);
    int t5 = cFrom + Math.min(5, last - row) * cStride;
    c5a.intoArray(c, t5);
    c5b.intoArray(c, t5 + LANES);
  }

  /** 6 rows by 2 vectors; each element of a row at {@code steps[k]}. */
  static void scattered6(
      float[] a,
      int aFrom,
      int[] starts,
      int row,
      int last,
      int[] steps,
      int length,
      float[] b,
      int bFrom,
      float[] initial,
      int initialFrom,
      int initialStride,
      float[] c,
      int cFrom,
      int cStride) {
    int r0 = aFrom + starts[row];
    int r1 = aFrom + starts[Math.min(row + 1, last)];
    int r2 = aFrom + starts[Math.min(row + 2, last)];
    int r3 = aFrom + starts[Math.min(row + 3, last)];
    int r4 = aFrom + starts[Math.min(row + 4, last)];
    int r5 = aFrom + starts[Math.min(row + 5, last)];
    int i0 = initialFrom;
    FloatVector c0a = FloatVector.fromArray(SPECIES, initial, i0);
    FloatVector c0b = FloatVector.fromArray(SPECIES, initial, i0 + LANES);
    int i1 = initialFrom + Math.min(1, last - row) * initialStride;
    FloatVector c1a = FloatVector.fromArray(SPECIES, initial, i1);
    FloatVector c1b = FloatVector.fromArray(SPECIES, initial, i1 + LANES);
    int i2 = initialFrom + Math.min(2, last - row) * initialStride;
    FloatVector c2a = FloatVector.fromArray(SPECIES, initial, i2);
    FloatVector c2b = FloatVector.fromArray(SPECIES, initial, i2 + LANES);
    int i3 = initialFrom + Math.min(3, last - row) * initialStride;
    FloatVector c3a = FloatVector.fromArray(SPECIES, initial, i3);
    FloatVector c3b = FloatVector.fromArray(SPECIES, initial, i3 + LANES);
    int i4 = initialFrom + Math.min(4, last - row) * initialStride;
    FloatVector c4a = FloatVector.fromArray(SPECIES, initial, i4);
    FloatVector c4b = FloatVector.fromArray(SPECIES, initial, i4 + LANES);
    int i5 = initialFrom + Math.min(5, last - row) * initialStride;
    FloatVector c5a = FloatVector.fromArray(SPECIES, initial, i5);
    FloatVector c5b = FloatVector.fromArray(SPECIES, initial, i5 + LANES);
    int bound = length & -2;
    for (int k = 0; k < bound; k += 2) {
      int step0 = steps[k];
      FloatVector ba0 = FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES);
      FloatVector bb0 = FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES + LANES);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[r0 + step0]);
      c0a = x0.fma(ba0, c0a);
      c0b = x0.fma(bb0, c0b);
      x0 = FloatVector.broadcast(SPECIES, a[r1 + step0]);
      c1a = x0.fma(ba0, c1a);
      c1b = x0.fma(bb0, c1b);
      x0 = FloatVector.broadcast(SPECIES, a[r2 + step0]);
      c2a = x0.fma(ba0, c2a);
      c2b = x0.fma(bb0, c2b);
      x0 = FloatVector.broadcast(SPECIES, a[r3 + step0]);
      c3a = x0.fma(ba0, c3a);
      c3b = x0.fma(bb0, c3b);
      x0 = FloatVector.broadcast(SPECIES, a[r4 + step0]);
      c4a = x0.fma(ba0, c4a);
      c4b = x0.fma(bb0, c4b);
      x0 = FloatVector.broadcast(SPECIES, a[r5 + step0]);
      c5a = x0.fma(ba0, c5a);
      c5b = x0.fma(bb0, c5b);
      int step1 = steps[k + 1];
      FloatVector ba1 = FloatVector.fromArray(SPECIES, b, bFrom + (k + 1) * 2 * LANES);
      FloatVector bb1 = FloatVector.fromArray(SPECIES, b, bFrom + (k + 1) * 2 * LANES + LANES);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[r0 + step1]);
      c0a = x1.fma(ba1, c0a);
      c0b = x1.fma(bb1, c0b);
      x1 = FloatVector.broadcast(SPECIES, a[r1 + step1]);
      c1a = x1.fma(ba1, c1a);
      c1b = x1.fma(bb1, c1b);
      x1 = FloatVector.broadcast(SPECIES, a[r2 + step1]);
      c2a = x1.fma(ba1, c2a);
      c2b = x1.fma(bb1, c2b);
      x1 = FloatVector.broadcast(SPECIES, a[r3 + step1]);
      c3a = x1.fma(ba1, c3a);
      c3b = x1.fma(bb1, c3b);
      x1 = FloatVector.broadcast(SPECIES, a[r4 + step1]);
      c4a = x1.fma(ba1, c4a);
      c4b = x1.fma(bb1, c4b);
      x1 = FloatVector.broadcast(SPECIES, a[r5 + step1]);
      c5a = x1.fma(ba1, c5a);
      c5b = x1.fma(bb1, c5b);
    }
    for (int k = bound; k < length; k++) {
      int step = steps[k];
      FloatVector ba = FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES);
      FloatVector bb = FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[r0 + step]);
      c0a = x.fma(ba, c0a);
      c0b = x.fma(bb, c0b);
      x = FloatVector.broadcast(SPECIES, a[r1 + step]);
      c1a = x.fma(ba, c1a);
      c1b = x.fma(bb, c1b);
      x = FloatVector.broadcast(SPECIES, a[r2 + step]);
      c2a = x.fma(ba, c2a);
      c2b = x.fma(bb, c2b);
      x = FloatVector.broadcast(SPECIES, a[r3 + step]);
      c3a = x.fma(ba, c3a);
      c3b = x.fma(bb, c3b);
      x = FloatVector.broadcast(SPECIES, a[r4 + step]);
      c4a = x.fma(ba, c4a);
      c4b = x.fma(bb, c4b);
      x = FloatVector.broadcast(SPECIES, a[r5 + step]);
      c5a = x.fma(ba, c5a);
      c5b = x.fma(bb, c5b);
    }
    int t0 = cFrom;
    c0a.intoArray(c, t0);
    c0b.intoArray(c, t0 + LANES);
    int t1 = cFrom + Math.min(1, last - row) * cStride;
    c1a.intoArray(c, t1);
    c1b.intoArray(c, t1 + LANES);
    int t2 = cFrom + Math.min(2, last - row) * cStride;
    c2a.intoArray(c, t2);
    c2b.intoArray(c, t2 + LANES);
    int t3 = cFrom + Math.min(3, last - row) * cStride;
    c3a.intoArray(c, t3);
    c3b.intoArray(c, t3 + LANES);
    int t4 = cFrom + Math.min(4, last - row) * cStride;
    c4a.intoArray(c, t4);
    c4b.intoArray(c, t4 + LANES);
    int t5 = cFrom + Math.min(5, last - row) * cStride;
    c5a.intoArray(c, t5);
    c5b.intoArray(c, t5 + LANES);
  }

  /**
   * One row, finished; four products of each column at once, so that they do not wait for each
   * other.
   */
  static void row(
      float[] a,
      int from,
      int length,
      float[] b,
      int bFrom,
      float[] bias,
      Finish finish,
      int column,
      float[] c,
      int cFrom) {
    FloatVector s0a = FloatVector.fromArray(SPECIES, bias, column);
    FloatVector s0b = FloatVector.fromArray(SPECIES, bias, column + LANES);
    FloatVector s1a = FloatVector.zero(SPECIES);
    FloatVector s1b = FloatVector.zero(SPECIES);
    FloatVector s2a = FloatVector.zero(SPECIES);
    FloatVector s2b = FloatVector.zero(SPECIES);
    FloatVector s3a = FloatVector.zero(SPECIES);
    FloatVector s3b = FloatVector.zero(SPECIES);
    int bound = length & -4;
    for (int k = 0; k < bound; k += 4) {
      FloatVector x = FloatVector.broadcast(SPECIES, a[from + k]);
      s0a = x.fma(FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES), s0a);
      s0b = x.fma(FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES + LANES), s0b);
      x = FloatVector.broadcast(SPECIES, a[from + k + 1]);
      s1a = x.fma(FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES + 2 * LANES), s1a);
      s1b = x.fma(FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES + 3 * LANES), s1b);
      x = FloatVector.broadcast(SPECIES, a[from + k + 2]);
      s2a = x.fma(FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES + 4 * LANES), s2a);
      s2b = x.fma(FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES + 5 * LANES), s2b);
      x = FloatVector.broadcast(SPECIES, a[from + k + 3]);
      s3a = x.fma(FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES + 6 * LANES), s3a);
      s3b = x.fma(FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES + 7 * LANES), s3b);
    }
    for (int k = bound; k < length; k++) {
      FloatVector x = FloatVector.broadcast(SPECIES, a[from + k]);
      s0a = x.fma(FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES), s0a);
      s0b = x.fma(FloatVector.fromArray(SPECIES, b, bFrom + k * 2 * LANES + LANES), s0b);
    }
    FloatVector left = s0a.add(s1a).add(s2a.add(s3a));
    FloatVector right = s0b.add(s1b).add(s2b.add(s3b));
    FloatVector low = FloatVector.broadcast(SPECIES, finish.low());
    FloatVector high = FloatVector.broadcast(SPECIES, finish.high());
    float up = finish.rounding();
    float down = finish.unrounding();
    left = left.mul(FloatVector.fromArray(SPECIES, finish.factors(), column));
    right = right.mul(FloatVector.fromArray(SPECIES, finish.factors(), column + LANES));
    left = left.blend(low, left.compare(VectorOperators.LT, low));
    right = right.blend(low, right.compare(VectorOperators.LT, low));
    left = left.blend(high, left.compare(VectorOperators.GT, high));
    right = right.blend(high, right.compare(VectorOperators.GT, high));
    left.add(up).sub(down).intoArray(c, cFrom);
    right.add(up).sub(down).intoArray(c, cFrom + LANES);
  }
}
