package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.LANES;
import static dev.tinytitan.simd.FloatVectors.SPECIES;

import dev.tinytitan.kernel.IntegerOperations;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Integer inner loops, a vector at a time; what is left over under a mask. */
final class SimdIntegerOperations implements IntegerOperations {
  /**
   * Adding and taking away 1.5 · 2²³ rounds a float below 2²² to the nearest integer, ties to even.
   */
  private static final float ROUND = 0x1.8p23f;

  @Override
  public void requantize(
      float[] y,
      int from,
      float[] multipliers,
      int multiplierFrom,
      float low,
      float high,
      float zeroPoint,
      int count) {
    FloatVector least = FloatVector.broadcast(SPECIES, low);
    FloatVector most = FloatVector.broadcast(SPECIES, high);
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector steps =
          FloatVector.fromArray(SPECIES, y, from + i)
              .mul(FloatVector.fromArray(SPECIES, multipliers, multiplierFrom + i));
      Clipping.clip(steps, least, most).add(ROUND).sub(ROUND).add(zeroPoint).intoArray(y, from + i);
    }
    if (bound < count) {
      int done = from + bound;
      requantizeRest(
          y, done, multipliers, multiplierFrom + bound, low, high, zeroPoint, count - bound);
    }
  }

  /**
   * Less than a vector. A method of its own: with both, {@link #requantize} was too large for the
   * compiler to inline whole, and allocated vectors.
   */
  private static void requantizeRest(
      float[] y,
      int from,
      float[] multipliers,
      int multiplierFrom,
      float low,
      float high,
      float zeroPoint,
      int count) {
    VectorMask<Float> mask = SPECIES.indexInRange(0, count);
    FloatVector steps =
        FloatVector.fromArray(SPECIES, y, from, mask)
            .mul(FloatVector.fromArray(SPECIES, multipliers, multiplierFrom, mask));
    Clipping.clip(steps, FloatVector.broadcast(SPECIES, low), FloatVector.broadcast(SPECIES, high))
        .add(ROUND)
        .sub(ROUND)
        .add(zeroPoint)
        .intoArray(y, from, mask);
  }

  @Override
  public void quantize(
      float[] x,
      int xFrom,
      float scale,
      float low,
      float high,
      float zeroPoint,
      float[] y,
      int yFrom,
      int count) {
    FloatVector least = FloatVector.broadcast(SPECIES, low);
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, count);
      FloatVector steps = FloatVector.fromArray(SPECIES, x, xFrom + i, mask).div(scale);
      // Written so that NaN becomes low.
      least
          .blend(steps, steps.compare(VectorOperators.GT, least))
          .min(high)
          .add(ROUND)
          .sub(ROUND)
          .add(zeroPoint)
          .intoArray(y, yFrom + i, mask);
    }
  }

  @Override
  public void dequantize(
      float[] x, int xFrom, float zeroPoint, float scale, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xFrom + i)
          .sub(zeroPoint)
          .mul(scale)
          .intoArray(y, yFrom + i);
    }
    for (int i = bound; i < count; i++) {
      y[yFrom + i] = (x[xFrom + i] - zeroPoint) * scale;
    }
  }

  @Override
  public void add(
      float[] a,
      int aFrom,
      float aRatio,
      float[] b,
      int bFrom,
      float bRatio,
      float fixed,
      float low,
      float high,
      float[] y,
      int yFrom,
      int count) {
    FloatVector least = FloatVector.broadcast(SPECIES, low);
    FloatVector most = FloatVector.broadcast(SPECIES, high);
    FloatVector ratioA = FloatVector.broadcast(SPECIES, aRatio);
    FloatVector ratioB = FloatVector.broadcast(SPECIES, bRatio);
    FloatVector start = FloatVector.broadcast(SPECIES, fixed);
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, count);
      FloatVector second = FloatVector.fromArray(SPECIES, b, bFrom + i, mask).fma(ratioB, start);
      FloatVector steps = FloatVector.fromArray(SPECIES, a, aFrom + i, mask).fma(ratioA, second);
      Clipping.clip(steps, least, most).add(ROUND).sub(ROUND).intoArray(y, yFrom + i, mask);
    }
  }
}
