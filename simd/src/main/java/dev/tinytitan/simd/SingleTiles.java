package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.LANES;
import static dev.tinytitan.simd.FloatVectors.SPECIES;

import dev.tinytitan.kernel.Finish;
import dev.tinytitan.kernel.GatheredRows;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Tiles of a matrix product that are one vector wide: their sums stay in registers while the sums'
 * terms pass by, and are finished there. Rows beyond {@code last} repeat it.
 *
 * <p>Written out row by row, the finish too: the compiler keeps vectors in registers only where it
 * inlines everything, and in methods of this size it inlines those of the Vector API, but no helper
 * of ours. Two steps of the sums in each round save reading the rows' addresses twice. How loops
 * within loops are compiled hangs on how long they were seen to be: rows of one piece, of long and
 * of short pieces each have methods of their own.
 */
final class SingleTiles {
  private SingleTiles() {}

  /** 12 rows, each in one piece. */
  static void rows12(
      GatheredRows rows,
      int row,
      int last,
      float[] a,
      int aFrom,
      float[] b,
      int bFrom,
      float[] bias,
      Finish finish,
      int column,
      float[] c,
      int cFrom,
      int cStride) {
    int[] starts = rows.starts();
    int length = rows.segmentLength();
    int bound = length & -2;
    FloatVector c0 = FloatVector.fromArray(SPECIES, bias, column);
    FloatVector c1 = c0;
    FloatVector c2 = c0;
    FloatVector c3 = c0;
    FloatVector c4 = c0;
    FloatVector c5 = c0;
    FloatVector c6 = c0;
    FloatVector c7 = c0;
    FloatVector c8 = c0;
    FloatVector c9 = c0;
    FloatVector c10 = c0;
    FloatVector c11 = c0;
    int at = aFrom + rows.segments()[0];
    int r0 = at + starts[row];
    int r1 = at + starts[Math.min(row + 1, last)];
    int r2 = at + starts[Math.min(row + 2, last)];
    int r3 = at + starts[Math.min(row + 3, last)];
    int r4 = at + starts[Math.min(row + 4, last)];
    int r5 = at + starts[Math.min(row + 5, last)];
    int r6 = at + starts[Math.min(row + 6, last)];
    int r7 = at + starts[Math.min(row + 7, last)];
    int r8 = at + starts[Math.min(row + 8, last)];
    int r9 = at + starts[Math.min(row + 9, last)];
    int r10 = at + starts[Math.min(row + 10, last)];
    int r11 = at + starts[Math.min(row + 11, last)];
    for (int k = 0; k < bound; k += 2) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bFrom + k * LANES);
      c0 = b0.fma(FloatVector.broadcast(SPECIES, a[r0 + k]), c0);
      c1 = b0.fma(FloatVector.broadcast(SPECIES, a[r1 + k]), c1);
      c2 = b0.fma(FloatVector.broadcast(SPECIES, a[r2 + k]), c2);
      c3 = b0.fma(FloatVector.broadcast(SPECIES, a[r3 + k]), c3);
      c4 = b0.fma(FloatVector.broadcast(SPECIES, a[r4 + k]), c4);
      c5 = b0.fma(FloatVector.broadcast(SPECIES, a[r5 + k]), c5);
      c6 = b0.fma(FloatVector.broadcast(SPECIES, a[r6 + k]), c6);
      c7 = b0.fma(FloatVector.broadcast(SPECIES, a[r7 + k]), c7);
      c8 = b0.fma(FloatVector.broadcast(SPECIES, a[r8 + k]), c8);
      c9 = b0.fma(FloatVector.broadcast(SPECIES, a[r9 + k]), c9);
      c10 = b0.fma(FloatVector.broadcast(SPECIES, a[r10 + k]), c10);
      c11 = b0.fma(FloatVector.broadcast(SPECIES, a[r11 + k]), c11);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bFrom + (k + 1) * LANES);
      c0 = b1.fma(FloatVector.broadcast(SPECIES, a[r0 + k + 1]), c0);
      c1 = b1.fma(FloatVector.broadcast(SPECIES, a[r1 + k + 1]), c1);
      c2 = b1.fma(FloatVector.broadcast(SPECIES, a[r2 + k + 1]), c2);
      c3 = b1.fma(FloatVector.broadcast(SPECIES, a[r3 + k + 1]), c3);
      c4 = b1.fma(FloatVector.broadcast(SPECIES, a[r4 + k + 1]), c4);
      c5 = b1.fma(FloatVector.broadcast(SPECIES, a[r5 + k + 1]), c5);
      c6 = b1.fma(FloatVector.broadcast(SPECIES, a[r6 + k + 1]), c6);
      c7 = b1.fma(FloatVector.broadcast(SPECIES, a[r7 + k + 1]), c7);
      c8 = b1.fma(FloatVector.broadcast(SPECIES, a[r8 + k + 1]), c8);
      c9 = b1.fma(FloatVector.broadcast(SPECIES, a[r9 + k + 1]), c9);
      c10 = b1.fma(FloatVector.broadcast(SPECIES, a[r10 + k + 1]), c10);
      c11 = b1.fma(FloatVector.broadcast(SPECIES, a[r11 + k + 1]), c11);
    }
    if (bound < length) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bFrom + bound * LANES);
      c0 = b0.fma(FloatVector.broadcast(SPECIES, a[r0 + bound]), c0);
      c1 = b0.fma(FloatVector.broadcast(SPECIES, a[r1 + bound]), c1);
      c2 = b0.fma(FloatVector.broadcast(SPECIES, a[r2 + bound]), c2);
      c3 = b0.fma(FloatVector.broadcast(SPECIES, a[r3 + bound]), c3);
      c4 = b0.fma(FloatVector.broadcast(SPECIES, a[r4 + bound]), c4);
      c5 = b0.fma(FloatVector.broadcast(SPECIES, a[r5 + bound]), c5);
      c6 = b0.fma(FloatVector.broadcast(SPECIES, a[r6 + bound]), c6);
      c7 = b0.fma(FloatVector.broadcast(SPECIES, a[r7 + bound]), c7);
      c8 = b0.fma(FloatVector.broadcast(SPECIES, a[r8 + bound]), c8);
      c9 = b0.fma(FloatVector.broadcast(SPECIES, a[r9 + bound]), c9);
      c10 = b0.fma(FloatVector.broadcast(SPECIES, a[r10 + bound]), c10);
      c11 = b0.fma(FloatVector.broadcast(SPECIES, a[r11 + bound]), c11);
    }
    FloatVector factor = FloatVector.fromArray(SPECIES, finish.factors(), column);
    FloatVector low = FloatVector.broadcast(SPECIES, finish.low());
    FloatVector high = FloatVector.broadcast(SPECIES, finish.high());
    float up = finish.rounding();
    float down = finish.unrounding();
    c0 = c0.mul(factor);
    c0 = c0.blend(low, c0.compare(VectorOperators.LT, low));
    c0 = c0.blend(high, c0.compare(VectorOperators.GT, high));
    c0.add(up).sub(down).intoArray(c, cFrom);
    c1 = c1.mul(factor);
    c1 = c1.blend(low, c1.compare(VectorOperators.LT, low));
    c1 = c1.blend(high, c1.compare(VectorOperators.GT, high));
    c1.add(up).sub(down).intoArray(c, cFrom + Math.min(1, last - row) * cStride);
    c2 = c2.mul(factor);
    c2 = c2.blend(low, c2.compare(VectorOperators.LT, low));
    c2 = c2.blend(high, c2.compare(VectorOperators.GT, high));
    c2.add(up).sub(down).intoArray(c, cFrom + Math.min(2, last - row) * cStride);
    c3 = c3.mul(factor);
    c3 = c3.blend(low, c3.compare(VectorOperators.LT, low));
    c3 = c3.blend(high, c3.compare(VectorOperators.GT, high));
    c3.add(up).sub(down).intoArray(c, cFrom + Math.min(3, last - row) * cStride);
    c4 = c4.mul(factor);
    c4 = c4.blend(low, c4.compare(VectorOperators.LT, low));
    c4 = c4.blend(high, c4.compare(VectorOperators.GT, high));
    c4.add(up).sub(down).intoArray(c, cFrom + Math.min(4, last - row) * cStride);
    c5 = c5.mul(factor);
    c5 = c5.blend(low, c5.compare(VectorOperators.LT, low));
    c5 = c5.blend(high, c5.compare(VectorOperators.GT, high));
    c5.add(up).sub(down).intoArray(c, cFrom + Math.min(5, last - row) * cStride);
    c6 = c6.mul(factor);
    c6 = c6.blend(low, c6.compare(VectorOperators.LT, low));
    c6 = c6.blend(high, c6.compare(VectorOperators.GT, high));
    c6.add(up).sub(down).intoArray(c, cFrom + Math.min(6, last - row) * cStride);
    c7 = c7.mul(factor);
    c7 = c7.blend(low, c7.compare(VectorOperators.LT, low));
    c7 = c7.blend(high, c7.compare(VectorOperators.GT, high));
    c7.add(up).sub(down).intoArray(c, cFrom + Math.min(7, last - row) * cStride);
    c8 = c8.mul(factor);
    c8 = c8.blend(low, c8.compare(VectorOperators.LT, low));
    c8 = c8.blend(high, c8.compare(VectorOperators.GT, high));
    c8.add(up).sub(down).intoArray(c, cFrom + Math.min(8, last - row) * cStride);
    c9 = c9.mul(factor);
    c9 = c9.blend(low, c9.compare(VectorOperators.LT, low));
    c9 = c9.blend(high, c9.compare(VectorOperators.GT, high));
    c9.add(up).sub(down).intoArray(c, cFrom + Math.min(9, last - row) * cStride);
    c10 = c10.mul(factor);
    c10 = c10.blend(low, c10.compare(VectorOperators.LT, low));
    c10 = c10.blend(high, c10.compare(VectorOperators.GT, high));
    c10.add(up).sub(down).intoArray(c, cFrom + Math.min(10, last - row) * cStride);
    c11 = c11.mul(factor);
    c11 = c11.blend(low, c11.compare(VectorOperators.LT, low));
    c11 = c11.blend(high, c11.compare(VectorOperators.GT, high));
    c11.add(up).sub(down).intoArray(c, cFrom + Math.min(11, last - row) * cStride);
  }

  /** 6 rows, each in one piece. */
  static void rows6(
      GatheredRows rows,
      int row,
      int last,
      float[] a,
      int aFrom,
      float[] b,
      int bFrom,
      float[] bias,
      Finish finish,
      int column,
      float[] c,
      int cFrom,
      int cStride) {
    int[] starts = rows.starts();
    int length = rows.segmentLength();
    int bound = length & -2;
    FloatVector c0 = FloatVector.fromArray(SPECIES, bias, column);
    FloatVector c1 = c0;
    FloatVector c2 = c0;
    FloatVector c3 = c0;
    FloatVector c4 = c0;
    FloatVector c5 = c0;
    int at = aFrom + rows.segments()[0];
    int r0 = at + starts[row];
    int r1 = at + starts[Math.min(row + 1, last)];
    int r2 = at + starts[Math.min(row + 2, last)];
    int r3 = at + starts[Math.min(row + 3, last)];
    int r4 = at + starts[Math.min(row + 4, last)];
    int r5 = at + starts[Math.min(row + 5, last)];
    for (int k = 0; k < bound; k += 2) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bFrom + k * LANES);
      c0 = b0.fma(FloatVector.broadcast(SPECIES, a[r0 + k]), c0);
      c1 = b0.fma(FloatVector.broadcast(SPECIES, a[r1 + k]), c1);
      c2 = b0.fma(FloatVector.broadcast(SPECIES, a[r2 + k]), c2);
      c3 = b0.fma(FloatVector.broadcast(SPECIES, a[r3 + k]), c3);
      c4 = b0.fma(FloatVector.broadcast(SPECIES, a[r4 + k]), c4);
      c5 = b0.fma(FloatVector.broadcast(SPECIES, a[r5 + k]), c5);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, bFrom + (k + 1) * LANES);
      c0 = b1.fma(FloatVector.broadcast(SPECIES, a[r0 + k + 1]), c0);
      c1 = b1.fma(FloatVector.broadcast(SPECIES, a[r1 + k + 1]), c1);
      c2 = b1.fma(FloatVector.broadcast(SPECIES, a[r2 + k + 1]), c2);
      c3 = b1.fma(FloatVector.broadcast(SPECIES, a[r3 + k + 1]), c3);
      c4 = b1.fma(FloatVector.broadcast(SPECIES, a[r4 + k + 1]), c4);
      c5 = b1.fma(FloatVector.broadcast(SPECIES, a[r5 + k + 1]), c5);
    }
    if (bound < length) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, bFrom + bound * LANES);
      c0 = b0.fma(FloatVector.broadcast(SPECIES, a[r0 + bound]), c0);
      c1 = b0.fma(FloatVector.broadcast(SPECIES, a[r1 + bound]), c1);
      c2 = b0.fma(FloatVector.broadcast(SPECIES, a[r2 + bound]), c2);
      c3 = b0.fma(FloatVector.broadcast(SPECIES, a[r3 + bound]), c3);
      c4 = b0.fma(FloatVector.broadcast(SPECIES, a[r4 + bound]), c4);
      c5 = b0.fma(FloatVector.broadcast(SPECIES, a[r5 + bound]), c5);
    }
    FloatVector factor = FloatVector.fromArray(SPECIES, finish.factors(), column);
    FloatVector low = FloatVector.broadcast(SPECIES, finish.low());
    FloatVector high = FloatVector.broadcast(SPECIES, finish.high());
    float up = finish.rounding();
    float down = finish.unrounding();
    c0 = c0.mul(factor);
    c0 = c0.blend(low, c0.compare(VectorOperators.LT, low));
    c0 = c0.blend(high, c0.compare(VectorOperators.GT, high));
    c0.add(up).sub(down).intoArray(c, cFrom);
    c1 = c1.mul(factor);
    c1 = c1.blend(low, c1.compare(VectorOperators.LT, low));
    c1 = c1.blend(high, c1.compare(VectorOperators.GT, high));
    c1.add(up).sub(down).intoArray(c, cFrom + Math.min(1, last - row) * cStride);
    c2 = c2.mul(factor);
    c2 = c2.blend(low, c2.compare(VectorOperators.LT, low));
    c2 = c2.blend(high, c2.compare(VectorOperators.GT, high));
    c2.add(up).sub(down).intoArray(c, cFrom + Math.min(2, last - row) * cStride);
    c3 = c3.mul(factor);
    c3 = c3.blend(low, c3.compare(VectorOperators.LT, low));
    c3 = c3.blend(high, c3.compare(VectorOperators.GT, high));
    c3.add(up).sub(down).intoArray(c, cFrom + Math.min(3, last - row) * cStride);
    c4 = c4.mul(factor);
    c4 = c4.blend(low, c4.compare(VectorOperators.LT, low));
    c4 = c4.blend(high, c4.compare(VectorOperators.GT, high));
    c4.add(up).sub(down).intoArray(c, cFrom + Math.min(4, last - row) * cStride);
    c5 = c5.mul(factor);
    c5 = c5.blend(low, c5.compare(VectorOperators.LT, low));
    c5 = c5.blend(high, c5.compare(VectorOperators.GT, high));
    c5.add(up).sub(down).intoArray(c, cFrom + Math.min(5, last - row) * cStride);
  }

  /** 12 rows, piece by piece. */
  static void pieces12(
      GatheredRows rows,
      int row,
      int last,
      float[] a,
      int aFrom,
      float[] b,
      int bFrom,
      float[] bias,
      Finish finish,
      int column,
      float[] c,
      int cFrom,
      int cStride) {
    int[] starts = rows.starts();
    int length = rows.segmentLength();
    int bound = length & -2;
    FloatVector c0 = FloatVector.fromArray(SPECIES, bias, column);
    FloatVector c1 = c0;
    FloatVector c2 = c0;
    FloatVector c3 = c0;
    FloatVector c4 = c0;
    FloatVector c5 = c0;
    FloatVector c6 = c0;
    FloatVector c7 = c0;
    FloatVector c8 = c0;
    FloatVector c9 = c0;
    FloatVector c10 = c0;
    FloatVector c11 = c0;
    int from = bFrom;
    for (int segment : rows.segments()) {
      int at = aFrom + segment;
      int r0 = at + starts[row];
      int r1 = at + starts[Math.min(row + 1, last)];
      int r2 = at + starts[Math.min(row + 2, last)];
      int r3 = at + starts[Math.min(row + 3, last)];
      int r4 = at + starts[Math.min(row + 4, last)];
      int r5 = at + starts[Math.min(row + 5, last)];
      int r6 = at + starts[Math.min(row + 6, last)];
      int r7 = at + starts[Math.min(row + 7, last)];
      int r8 = at + starts[Math.min(row + 8, last)];
      int r9 = at + starts[Math.min(row + 9, last)];
      int r10 = at + starts[Math.min(row + 10, last)];
      int r11 = at + starts[Math.min(row + 11, last)];
      for (int k = 0; k < bound; k += 2) {
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, from + k * LANES);
        c0 = b0.fma(FloatVector.broadcast(SPECIES, a[r0 + k]), c0);
        c1 = b0.fma(FloatVector.broadcast(SPECIES, a[r1 + k]), c1);
        c2 = b0.fma(FloatVector.broadcast(SPECIES, a[r2 + k]), c2);
        c3 = b0.fma(FloatVector.broadcast(SPECIES, a[r3 + k]), c3);
        c4 = b0.fma(FloatVector.broadcast(SPECIES, a[r4 + k]), c4);
        c5 = b0.fma(FloatVector.broadcast(SPECIES, a[r5 + k]), c5);
        c6 = b0.fma(FloatVector.broadcast(SPECIES, a[r6 + k]), c6);
        c7 = b0.fma(FloatVector.broadcast(SPECIES, a[r7 + k]), c7);
        c8 = b0.fma(FloatVector.broadcast(SPECIES, a[r8 + k]), c8);
        c9 = b0.fma(FloatVector.broadcast(SPECIES, a[r9 + k]), c9);
        c10 = b0.fma(FloatVector.broadcast(SPECIES, a[r10 + k]), c10);
        c11 = b0.fma(FloatVector.broadcast(SPECIES, a[r11 + k]), c11);
        FloatVector b1 = FloatVector.fromArray(SPECIES, b, from + (k + 1) * LANES);
        c0 = b1.fma(FloatVector.broadcast(SPECIES, a[r0 + k + 1]), c0);
        c1 = b1.fma(FloatVector.broadcast(SPECIES, a[r1 + k + 1]), c1);
        c2 = b1.fma(FloatVector.broadcast(SPECIES, a[r2 + k + 1]), c2);
        c3 = b1.fma(FloatVector.broadcast(SPECIES, a[r3 + k + 1]), c3);
        c4 = b1.fma(FloatVector.broadcast(SPECIES, a[r4 + k + 1]), c4);
        c5 = b1.fma(FloatVector.broadcast(SPECIES, a[r5 + k + 1]), c5);
        c6 = b1.fma(FloatVector.broadcast(SPECIES, a[r6 + k + 1]), c6);
        c7 = b1.fma(FloatVector.broadcast(SPECIES, a[r7 + k + 1]), c7);
        c8 = b1.fma(FloatVector.broadcast(SPECIES, a[r8 + k + 1]), c8);
        c9 = b1.fma(FloatVector.broadcast(SPECIES, a[r9 + k + 1]), c9);
        c10 = b1.fma(FloatVector.broadcast(SPECIES, a[r10 + k + 1]), c10);
        c11 = b1.fma(FloatVector.broadcast(SPECIES, a[r11 + k + 1]), c11);
      }
      if (bound < length) {
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, from + bound * LANES);
        c0 = b0.fma(FloatVector.broadcast(SPECIES, a[r0 + bound]), c0);
        c1 = b0.fma(FloatVector.broadcast(SPECIES, a[r1 + bound]), c1);
        c2 = b0.fma(FloatVector.broadcast(SPECIES, a[r2 + bound]), c2);
        c3 = b0.fma(FloatVector.broadcast(SPECIES, a[r3 + bound]), c3);
        c4 = b0.fma(FloatVector.broadcast(SPECIES, a[r4 + bound]), c4);
        c5 = b0.fma(FloatVector.broadcast(SPECIES, a[r5 + bound]), c5);
        c6 = b0.fma(FloatVector.broadcast(SPECIES, a[r6 + bound]), c6);
        c7 = b0.fma(FloatVector.broadcast(SPECIES, a[r7 + bound]), c7);
        c8 = b0.fma(FloatVector.broadcast(SPECIES, a[r8 + bound]), c8);
        c9 = b0.fma(FloatVector.broadcast(SPECIES, a[r9 + bound]), c9);
        c10 = b0.fma(FloatVector.broadcast(SPECIES, a[r10 + bound]), c10);
        c11 = b0.fma(FloatVector.broadcast(SPECIES, a[r11 + bound]), c11);
      }
      from += length * LANES;
    }
    FloatVector factor = FloatVector.fromArray(SPECIES, finish.factors(), column);
    FloatVector low = FloatVector.broadcast(SPECIES, finish.low());
    FloatVector high = FloatVector.broadcast(SPECIES, finish.high());
    float up = finish.rounding();
    float down = finish.unrounding();
    c0 = c0.mul(factor);
    c0 = c0.blend(low, c0.compare(VectorOperators.LT, low));
    c0 = c0.blend(high, c0.compare(VectorOperators.GT, high));
    c0.add(up).sub(down).intoArray(c, cFrom);
    c1 = c1.mul(factor);
    c1 = c1.blend(low, c1.compare(VectorOperators.LT, low));
    c1 = c1.blend(high, c1.compare(VectorOperators.GT, high));
    c1.add(up).sub(down).intoArray(c, cFrom + Math.min(1, last - row) * cStride);
    c2 = c2.mul(factor);
    c2 = c2.blend(low, c2.compare(VectorOperators.LT, low));
    c2 = c2.blend(high, c2.compare(VectorOperators.GT, high));
    c2.add(up).sub(down).intoArray(c, cFrom + Math.min(2, last - row) * cStride);
    c3 = c3.mul(factor);
    c3 = c3.blend(low, c3.compare(VectorOperators.LT, low));
    c3 = c3.blend(high, c3.compare(VectorOperators.GT, high));
    c3.add(up).sub(down).intoArray(c, cFrom + Math.min(3, last - row) * cStride);
    c4 = c4.mul(factor);
    c4 = c4.blend(low, c4.compare(VectorOperators.LT, low));
    c4 = c4.blend(high, c4.compare(VectorOperators.GT, high));
    c4.add(up).sub(down).intoArray(c, cFrom + Math.min(4, last - row) * cStride);
    c5 = c5.mul(factor);
    c5 = c5.blend(low, c5.compare(VectorOperators.LT, low));
    c5 = c5.blend(high, c5.compare(VectorOperators.GT, high));
    c5.add(up).sub(down).intoArray(c, cFrom + Math.min(5, last - row) * cStride);
    c6 = c6.mul(factor);
    c6 = c6.blend(low, c6.compare(VectorOperators.LT, low));
    c6 = c6.blend(high, c6.compare(VectorOperators.GT, high));
    c6.add(up).sub(down).intoArray(c, cFrom + Math.min(6, last - row) * cStride);
    c7 = c7.mul(factor);
    c7 = c7.blend(low, c7.compare(VectorOperators.LT, low));
    c7 = c7.blend(high, c7.compare(VectorOperators.GT, high));
    c7.add(up).sub(down).intoArray(c, cFrom + Math.min(7, last - row) * cStride);
    c8 = c8.mul(factor);
    c8 = c8.blend(low, c8.compare(VectorOperators.LT, low));
    c8 = c8.blend(high, c8.compare(VectorOperators.GT, high));
    c8.add(up).sub(down).intoArray(c, cFrom + Math.min(8, last - row) * cStride);
    c9 = c9.mul(factor);
    c9 = c9.blend(low, c9.compare(VectorOperators.LT, low));
    c9 = c9.blend(high, c9.compare(VectorOperators.GT, high));
    c9.add(up).sub(down).intoArray(c, cFrom + Math.min(9, last - row) * cStride);
    c10 = c10.mul(factor);
    c10 = c10.blend(low, c10.compare(VectorOperators.LT, low));
    c10 = c10.blend(high, c10.compare(VectorOperators.GT, high));
    c10.add(up).sub(down).intoArray(c, cFrom + Math.min(10, last - row) * cStride);
    c11 = c11.mul(factor);
    c11 = c11.blend(low, c11.compare(VectorOperators.LT, low));
    c11 = c11.blend(high, c11.compare(VectorOperators.GT, high));
    c11.add(up).sub(down).intoArray(c, cFrom + Math.min(11, last - row) * cStride);
  }

  /** 6 rows, piece by piece. */
  static void pieces6(
      GatheredRows rows,
      int row,
      int last,
      float[] a,
      int aFrom,
      float[] b,
      int bFrom,
      float[] bias,
      Finish finish,
      int column,
      float[] c,
      int cFrom,
      int cStride) {
    int[] starts = rows.starts();
    int length = rows.segmentLength();
    int bound = length & -2;
    FloatVector c0 = FloatVector.fromArray(SPECIES, bias, column);
    FloatVector c1 = c0;
    FloatVector c2 = c0;
    FloatVector c3 = c0;
    FloatVector c4 = c0;
    FloatVector c5 = c0;
    int from = bFrom;
    for (int segment : rows.segments()) {
      int at = aFrom + segment;
      int r0 = at + starts[row];
      int r1 = at + starts[Math.min(row + 1, last)];
      int r2 = at + starts[Math.min(row + 2, last)];
      int r3 = at + starts[Math.min(row + 3, last)];
      int r4 = at + starts[Math.min(row + 4, last)];
      int r5 = at + starts[Math.min(row + 5, last)];
      for (int k = 0; k < bound; k += 2) {
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, from + k * LANES);
        c0 = b0.fma(FloatVector.broadcast(SPECIES, a[r0 + k]), c0);
        c1 = b0.fma(FloatVector.broadcast(SPECIES, a[r1 + k]), c1);
        c2 = b0.fma(FloatVector.broadcast(SPECIES, a[r2 + k]), c2);
        c3 = b0.fma(FloatVector.broadcast(SPECIES, a[r3 + k]), c3);
        c4 = b0.fma(FloatVector.broadcast(SPECIES, a[r4 + k]), c4);
        c5 = b0.fma(FloatVector.broadcast(SPECIES, a[r5 + k]), c5);
        FloatVector b1 = FloatVector.fromArray(SPECIES, b, from + (k + 1) * LANES);
        c0 = b1.fma(FloatVector.broadcast(SPECIES, a[r0 + k + 1]), c0);
        c1 = b1.fma(FloatVector.broadcast(SPECIES, a[r1 + k + 1]), c1);
        c2 = b1.fma(FloatVector.broadcast(SPECIES, a[r2 + k + 1]), c2);
        c3 = b1.fma(FloatVector.broadcast(SPECIES, a[r3 + k + 1]), c3);
        c4 = b1.fma(FloatVector.broadcast(SPECIES, a[r4 + k + 1]), c4);
        c5 = b1.fma(FloatVector.broadcast(SPECIES, a[r5 + k + 1]), c5);
      }
      if (bound < length) {
        FloatVector b0 = FloatVector.fromArray(SPECIES, b, from + bound * LANES);
        c0 = b0.fma(FloatVector.broadcast(SPECIES, a[r0 + bound]), c0);
        c1 = b0.fma(FloatVector.broadcast(SPECIES, a[r1 + bound]), c1);
        c2 = b0.fma(FloatVector.broadcast(SPECIES, a[r2 + bound]), c2);
        c3 = b0.fma(FloatVector.broadcast(SPECIES, a[r3 + bound]), c3);
        c4 = b0.fma(FloatVector.broadcast(SPECIES, a[r4 + bound]), c4);
        c5 = b0.fma(FloatVector.broadcast(SPECIES, a[r5 + bound]), c5);
      }
      from += length * LANES;
    }
    FloatVector factor = FloatVector.fromArray(SPECIES, finish.factors(), column);
    FloatVector low = FloatVector.broadcast(SPECIES, finish.low());
    FloatVector high = FloatVector.broadcast(SPECIES, finish.high());
    float up = finish.rounding();
    float down = finish.unrounding();
    c0 = c0.mul(factor);
    c0 = c0.blend(low, c0.compare(VectorOperators.LT, low));
    c0 = c0.blend(high, c0.compare(VectorOperators.GT, high));
    c0.add(up).sub(down).intoArray(c, cFrom);
    c1 = c1.mul(factor);
    c1 = c1.blend(low, c1.compare(VectorOperators.LT, low));
    c1 = c1.blend(high, c1.compare(VectorOperators.GT, high));
    c1.add(up).sub(down).intoArray(c, cFrom + Math.min(1, last - row) * cStride);
    c2 = c2.mul(factor);
    c2 = c2.blend(low, c2.compare(VectorOperators.LT, low));
    c2 = c2.blend(high, c2.compare(VectorOperators.GT, high));
    c2.add(up).sub(down).intoArray(c, cFrom + Math.min(2, last - row) * cStride);
    c3 = c3.mul(factor);
    c3 = c3.blend(low, c3.compare(VectorOperators.LT, low));
    c3 = c3.blend(high, c3.compare(VectorOperators.GT, high));
    c3.add(up).sub(down).intoArray(c, cFrom + Math.min(3, last - row) * cStride);
    c4 = c4.mul(factor);
    c4 = c4.blend(low, c4.compare(VectorOperators.LT, low));
    c4 = c4.blend(high, c4.compare(VectorOperators.GT, high));
    c4.add(up).sub(down).intoArray(c, cFrom + Math.min(4, last - row) * cStride);
    c5 = c5.mul(factor);
    c5 = c5.blend(low, c5.compare(VectorOperators.LT, low));
    c5 = c5.blend(high, c5.compare(VectorOperators.GT, high));
    c5.add(up).sub(down).intoArray(c, cFrom + Math.min(5, last - row) * cStride);
  }

  /** 12 rows of short pieces, {@code distance} from each row to the next. */
  static void spaced12(
      int[] steps,
      float[] a,
      int aFrom,
      int distance,
      float[] b,
      int bFrom,
      float[] bias,
      Finish finish,
      int column,
      float[] c,
      int cFrom,
      int cStride) {
    FloatVector c0 = FloatVector.fromArray(SPECIES, bias, column);
    FloatVector c1 = c0;
    FloatVector c2 = c0;
    FloatVector c3 = c0;
    FloatVector c4 = c0;
    FloatVector c5 = c0;
    FloatVector c6 = c0;
    FloatVector c7 = c0;
    FloatVector c8 = c0;
    FloatVector c9 = c0;
    FloatVector c10 = c0;
    FloatVector c11 = c0;
    for (int k = 0; k < steps.length; k++) {
      FloatVector row = FloatVector.fromArray(SPECIES, b, bFrom + k * LANES);
      int at = aFrom + steps[k];
      c0 = row.fma(FloatVector.broadcast(SPECIES, a[at]), c0);
      at += distance;
      c1 = row.fma(FloatVector.broadcast(SPECIES, a[at]), c1);
      at += distance;
      c2 = row.fma(FloatVector.broadcast(SPECIES, a[at]), c2);
      at += distance;
      c3 = row.fma(FloatVector.broadcast(SPECIES, a[at]), c3);
      at += distance;
      c4 = row.fma(FloatVector.broadcast(SPECIES, a[at]), c4);
      at += distance;
      c5 = row.fma(FloatVector.broadcast(SPECIES, a[at]), c5);
      at += distance;
      c6 = row.fma(FloatVector.broadcast(SPECIES, a[at]), c6);
      at += distance;
      c7 = row.fma(FloatVector.broadcast(SPECIES, a[at]), c7);
      at += distance;
      c8 = row.fma(FloatVector.broadcast(SPECIES, a[at]), c8);
      at += distance;
      c9 = row.fma(FloatVector.broadcast(SPECIES, a[at]), c9);
      at += distance;
      c10 = row.fma(FloatVector.broadcast(SPECIES, a[at]), c10);
      at += distance;
      c11 = row.fma(FloatVector.broadcast(SPECIES, a[at]), c11);
    }
    FloatVector factor = FloatVector.fromArray(SPECIES, finish.factors(), column);
    FloatVector low = FloatVector.broadcast(SPECIES, finish.low());
    FloatVector high = FloatVector.broadcast(SPECIES, finish.high());
    float up = finish.rounding();
    float down = finish.unrounding();
    c0 = c0.mul(factor);
    c0 = c0.blend(low, c0.compare(VectorOperators.LT, low));
    c0 = c0.blend(high, c0.compare(VectorOperators.GT, high));
    c0.add(up).sub(down).intoArray(c, cFrom);
    c1 = c1.mul(factor);
    c1 = c1.blend(low, c1.compare(VectorOperators.LT, low));
    c1 = c1.blend(high, c1.compare(VectorOperators.GT, high));
    c1.add(up).sub(down).intoArray(c, cFrom + 1 * cStride);
    c2 = c2.mul(factor);
    c2 = c2.blend(low, c2.compare(VectorOperators.LT, low));
    c2 = c2.blend(high, c2.compare(VectorOperators.GT, high));
    c2.add(up).sub(down).intoArray(c, cFrom + 2 * cStride);
    c3 = c3.mul(factor);
    c3 = c3.blend(low, c3.compare(VectorOperators.LT, low));
    c3 = c3.blend(high, c3.compare(VectorOperators.GT, high));
    c3.add(up).sub(down).intoArray(c, cFrom + 3 * cStride);
    c4 = c4.mul(factor);
    c4 = c4.blend(low, c4.compare(VectorOperators.LT, low));
    c4 = c4.blend(high, c4.compare(VectorOperators.GT, high));
    c4.add(up).sub(down).intoArray(c, cFrom + 4 * cStride);
    c5 = c5.mul(factor);
    c5 = c5.blend(low, c5.compare(VectorOperators.LT, low));
    c5 = c5.blend(high, c5.compare(VectorOperators.GT, high));
    c5.add(up).sub(down).intoArray(c, cFrom + 5 * cStride);
    c6 = c6.mul(factor);
    c6 = c6.blend(low, c6.compare(VectorOperators.LT, low));
    c6 = c6.blend(high, c6.compare(VectorOperators.GT, high));
    c6.add(up).sub(down).intoArray(c, cFrom + 6 * cStride);
    c7 = c7.mul(factor);
    c7 = c7.blend(low, c7.compare(VectorOperators.LT, low));
    c7 = c7.blend(high, c7.compare(VectorOperators.GT, high));
    c7.add(up).sub(down).intoArray(c, cFrom + 7 * cStride);
    c8 = c8.mul(factor);
    c8 = c8.blend(low, c8.compare(VectorOperators.LT, low));
    c8 = c8.blend(high, c8.compare(VectorOperators.GT, high));
    c8.add(up).sub(down).intoArray(c, cFrom + 8 * cStride);
    c9 = c9.mul(factor);
    c9 = c9.blend(low, c9.compare(VectorOperators.LT, low));
    c9 = c9.blend(high, c9.compare(VectorOperators.GT, high));
    c9.add(up).sub(down).intoArray(c, cFrom + 9 * cStride);
    c10 = c10.mul(factor);
    c10 = c10.blend(low, c10.compare(VectorOperators.LT, low));
    c10 = c10.blend(high, c10.compare(VectorOperators.GT, high));
    c10.add(up).sub(down).intoArray(c, cFrom + 10 * cStride);
    c11 = c11.mul(factor);
    c11 = c11.blend(low, c11.compare(VectorOperators.LT, low));
    c11 = c11.blend(high, c11.compare(VectorOperators.GT, high));
    c11.add(up).sub(down).intoArray(c, cFrom + 11 * cStride);
  }

  /** One row in one piece; four products at once, so that they do not wait for each other. */
  static void row(
      float[] a,
      int aFrom,
      int length,
      float[] b,
      int bFrom,
      float[] bias,
      Finish finish,
      int column,
      float[] c,
      int cFrom) {
    FloatVector s0 = FloatVector.fromArray(SPECIES, bias, column);
    FloatVector s1 = FloatVector.zero(SPECIES);
    FloatVector s2 = FloatVector.zero(SPECIES);
    FloatVector s3 = FloatVector.zero(SPECIES);
    int bound = length & -4;
    for (int k = 0; k < bound; k += 4) {
      int at = bFrom + k * LANES;
      s0 =
          FloatVector.fromArray(SPECIES, b, at)
              .fma(FloatVector.broadcast(SPECIES, a[aFrom + k]), s0);
      s1 =
          FloatVector.fromArray(SPECIES, b, at + LANES)
              .fma(FloatVector.broadcast(SPECIES, a[aFrom + k + 1]), s1);
      s2 =
          FloatVector.fromArray(SPECIES, b, at + 2 * LANES)
              .fma(FloatVector.broadcast(SPECIES, a[aFrom + k + 2]), s2);
      s3 =
          FloatVector.fromArray(SPECIES, b, at + 3 * LANES)
              .fma(FloatVector.broadcast(SPECIES, a[aFrom + k + 3]), s3);
    }
    for (int k = bound; k < length; k++) {
      s0 =
          FloatVector.fromArray(SPECIES, b, bFrom + k * LANES)
              .fma(FloatVector.broadcast(SPECIES, a[aFrom + k]), s0);
    }
    FloatVector sum = s0.add(s1).add(s2.add(s3));
    FloatVector factor = FloatVector.fromArray(SPECIES, finish.factors(), column);
    FloatVector low = FloatVector.broadcast(SPECIES, finish.low());
    FloatVector high = FloatVector.broadcast(SPECIES, finish.high());
    float up = finish.rounding();
    float down = finish.unrounding();
    sum = sum.mul(factor);
    sum = sum.blend(low, sum.compare(VectorOperators.LT, low));
    sum = sum.blend(high, sum.compare(VectorOperators.GT, high));
    sum.add(up).sub(down).intoArray(c, cFrom);
  }
}
