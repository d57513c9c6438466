package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.LANES;
import static dev.tinytitan.simd.FloatVectors.SPECIES;

import dev.tinytitan.kernel.Finish;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Finishes sums that lie in memory, in blocks two vectors wide, while they are in the cache. */
final class FinishLoops {
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SPECIES.vectorShape());

  private FinishLoops() {}

  /**
   * Finishes {@code rows} rows of two vectors, {@code stride} apart.
   *
   * @param column which column of the product the first is
   */
  static void finish(Finish finish, float[] c, int from, int stride, int rows, int column) {
    if (finish.rounding() != 0) {
      requantize(finish, c, from, stride, rows, column);
    } else if (!finish.isNone()) {
      clip(finish, c, from, stride, rows);
    }
  }

  private static void clip(Finish finish, float[] c, int from, int stride, int rows) {
    FloatVector low = FloatVector.broadcast(SPECIES, finish.low());
    FloatVector high = FloatVector.broadcast(SPECIES, finish.high());
    for (int row = 0, at = from; row < rows; row++, at += stride) {
      FloatVector left = FloatVector.fromArray(SPECIES, c, at);
      FloatVector right = FloatVector.fromArray(SPECIES, c, at + LANES);
      left = left.blend(low, left.compare(VectorOperators.LT, low));
      right = right.blend(low, right.compare(VectorOperators.LT, low));
      left.blend(high, left.compare(VectorOperators.GT, high)).intoArray(c, at);
      right.blend(high, right.compare(VectorOperators.GT, high)).intoArray(c, at + LANES);
    }
  }

  /**
   * Cuts after rounding, not before, which is the same for bounds that are integers: near 1.5·2²³
   * floats are ordered like their bits, and cutting ints takes one instruction for each bound.
   */
  private static void requantize(
      Finish finish, float[] c, int from, int stride, int rows, int column) {
    FloatVector leftFactor = FloatVector.fromArray(SPECIES, finish.factors(), column);
    FloatVector rightFactor = FloatVector.fromArray(SPECIES, finish.factors(), column + LANES);
    float up = finish.rounding();
    float down = finish.unrounding();
    IntVector low = IntVector.broadcast(INTS, Float.floatToRawIntBits(finish.low() + up));
    IntVector high = IntVector.broadcast(INTS, Float.floatToRawIntBits(finish.high() + up));
    for (int row = 0, at = from; row < rows; row++, at += stride) {
      IntVector left =
          FloatVector.fromArray(SPECIES, c, at).mul(leftFactor).add(up).reinterpretAsInts();
      IntVector right =
          FloatVector.fromArray(SPECIES, c, at + LANES)
              .mul(rightFactor)
              .add(up)
              .reinterpretAsInts();
      left.max(low).min(high).reinterpretAsFloats().sub(down).intoArray(c, at);
      right.max(low).min(high).reinterpretAsFloats().sub(down).intoArray(c, at + LANES);
    }
  }

  /** Copies the first {@code count} columns of rows, at most a vector of them, to other rows. */
  static void copyColumns(
      float[] source, int from, int stride, int rows, int count, float[] c, int to, int cStride) {
    VectorMask<Float> mask = SPECIES.indexInRange(0, count);
    for (int row = 0; row < rows; row++) {
      FloatVector.fromArray(SPECIES, source, from + row * stride)
          .intoArray(c, to + row * cStride, mask);
    }
  }
}
