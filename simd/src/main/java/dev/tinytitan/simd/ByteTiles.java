package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.BYTES;
import static dev.tinytitan.simd.FloatVectors.LANES;
import static dev.tinytitan.simd.FloatVectors.SPECIES;

import dev.tinytitan.kernel.Finish;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * A row of floats by columns of bytes, which become floats in registers. Four products of each
 * column at once, so that they do not wait for each other; written out for the same reason as in
 * {@link SingleTiles}.
 */
final class ByteTiles {
  private ByteTiles() {}

  /** A panel one vector wide. */
  static void single(
      float[] a,
      int length,
      byte[] b,
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
      s0 = widened(b, at).fma(FloatVector.broadcast(SPECIES, a[k]), s0);
      s1 = widened(b, at + LANES).fma(FloatVector.broadcast(SPECIES, a[k + 1]), s1);
      s2 = widened(b, at + 2 * LANES).fma(FloatVector.broadcast(SPECIES, a[k + 2]), s2);
      s3 = widened(b, at + 3 * LANES).fma(FloatVector.broadcast(SPECIES, a[k + 3]), s3);
    }
    for (int k = bound; k < length; k++) {
      s0 = widened(b, bFrom + k * LANES).fma(FloatVector.broadcast(SPECIES, a[k]), s0);
    }
    FloatVector sum = s0.add(s1).add(s2.add(s3));
    FloatVector low = FloatVector.broadcast(SPECIES, finish.low());
    FloatVector high = FloatVector.broadcast(SPECIES, finish.high());
    sum = sum.mul(FloatVector.fromArray(SPECIES, finish.factors(), column));
    sum = sum.blend(low, sum.compare(VectorOperators.LT, low));
    sum = sum.blend(high, sum.compare(VectorOperators.GT, high));
    sum.add(finish.rounding()).sub(finish.unrounding()).intoArray(c, cFrom);
  }

  /** A panel two vectors wide. */
  static void twofold(
      float[] a,
      int length,
      byte[] b,
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
      int at = bFrom + k * 2 * LANES;
      FloatVector x = FloatVector.broadcast(SPECIES, a[k]);
      s0a = x.fma(widened(b, at), s0a);
      s0b = x.fma(widened(b, at + LANES), s0b);
      x = FloatVector.broadcast(SPECIES, a[k + 1]);
      s1a = x.fma(widened(b, at + 2 * LANES), s1a);
      s1b = x.fma(widened(b, at + 3 * LANES), s1b);
      x = FloatVector.broadcast(SPECIES, a[k + 2]);
      s2a = x.fma(widened(b, at + 4 * LANES), s2a);
      s2b = x.fma(widened(b, at + 5 * LANES), s2b);
      x = FloatVector.broadcast(SPECIES, a[k + 3]);
      s3a = x.fma(widened(b, at + 6 * LANES), s3a);
      s3b = x.fma(widened(b, at + 7 * LANES), s3b);
    }
    for (int k = bound; k < length; k++) {
      FloatVector x = FloatVector.broadcast(SPECIES, a[k]);
      s0a = x.fma(widened(b, bFrom + k * 2 * LANES), s0a);
      s0b = x.fma(widened(b, bFrom + k * 2 * LANES + LANES), s0b);
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

  private static FloatVector widened(byte[] bytes, int from) {
    return (FloatVector)
        ByteVector.fromArray(BYTES, bytes, from).convertShape(VectorOperators.B2F, SPECIES, 0);
  }
}
