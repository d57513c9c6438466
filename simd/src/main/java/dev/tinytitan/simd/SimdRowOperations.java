package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.LANES;
import static dev.tinytitan.simd.FloatVectors.SPECIES;

import dev.tinytitan.kernel.RowOperations;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Functions of rows, a vector at a time; what is left over under a mask. */
final class SimdRowOperations implements RowOperations {

  private static FloatVector load(float[] x, int from) {
    return FloatVector.fromArray(SPECIES, x, from);
  }

  private static FloatVector load(float[] x, int from, VectorMask<Float> mask) {
    return FloatVector.fromArray(SPECIES, x, from, mask);
  }

  @Override
  public float sum(float[] x, int from, int count) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    FloatVector s2 = FloatVector.zero(SPECIES);
    FloatVector s3 = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i + 4 * LANES <= count; i += 4 * LANES) {
      s0 = s0.add(load(x, from + i));
      s1 = s1.add(load(x, from + i + LANES));
      s2 = s2.add(load(x, from + i + 2 * LANES));
      s3 = s3.add(load(x, from + i + 3 * LANES));
    }
    float sum = FloatVectors.sum(s0.add(s1).add(s2.add(s3)));
    return sum + sumOfRest(x, from + i, count - i);
  }

  private static float sumOfRest(float[] x, int from, int count) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = 0; i < count; i += LANES) {
      sum = sum.add(load(x, from + i, SPECIES.indexInRange(i, count)));
    }
    return FloatVectors.sum(sum);
  }

  @Override
  public float sumOfSquares(float[] x, int from, int count) {
    return dot(x, from, x, from, count);
  }

  @Override
  public float dot(float[] a, int aFrom, float[] b, int bFrom, int count) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    FloatVector s2 = FloatVector.zero(SPECIES);
    FloatVector s3 = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i + 4 * LANES <= count; i += 4 * LANES) {
      s0 = load(a, aFrom + i).fma(load(b, bFrom + i), s0);
      s1 = load(a, aFrom + i + LANES).fma(load(b, bFrom + i + LANES), s1);
      s2 = load(a, aFrom + i + 2 * LANES).fma(load(b, bFrom + i + 2 * LANES), s2);
      s3 = load(a, aFrom + i + 3 * LANES).fma(load(b, bFrom + i + 3 * LANES), s3);
    }
    float sum = FloatVectors.sum(s0.add(s1).add(s2.add(s3)));
    return sum + dotOfRest(a, aFrom + i, b, bFrom + i, count - i);
  }

  private static float dotOfRest(float[] a, int aFrom, float[] b, int bFrom, int count) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = 0; i < count; i += LANES) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, count);
      sum = load(a, aFrom + i, mask).fma(load(b, bFrom + i, mask), sum);
    }
    return FloatVectors.sum(sum);
  }

  @Override
  public float maximum(float[] x, int from, int count) {
    FloatVector max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      max = max.max(load(x, from + i));
    }
    float greatest = max.reduceLanes(VectorOperators.MAX);
    for (int i = bound; i < count; i++) {
      greatest = Math.max(greatest, x[from + i]);
    }
    return greatest;
  }

  @Override
  public void softmax(float[] x, int xFrom, float[] y, int yFrom, int count) {
    float max = maximum(x, xFrom, count);
    float sum = exponentials(x, xFrom, max, y, yFrom, count);
    PairLoops.mul(y, yFrom, 1 / sum, y, yFrom, count);
  }

  /**
   * {@code y = exp(x - max)}; gives their sum. In two loops: with the sum as well, the first was
   * too large for the compiler to inline whole, and allocated vectors.
   */
  private float exponentials(float[] x, int xFrom, float max, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      VectorFunctions.exp(load(x, xFrom + i).sub(max)).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      VectorFunctions.exp(load(x, xFrom + bound, mask).sub(max)).intoArray(y, yFrom + bound, mask);
    }
    return sum(y, yFrom, count);
  }

  @Override
  public void normalize(
      float[] x,
      int xFrom,
      float[] scale,
      float[] bias,
      float epsilon,
      float[] y,
      int yFrom,
      int count) {
    float mean = sum(x, xFrom, count) / count;
    PairLoops.sub(x, xFrom, mean, y, yFrom, count);
    float variance = sumOfSquares(y, yFrom, count) / count;
    float factor = (float) (1 / Math.sqrt(variance + epsilon));
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      load(y, yFrom + i).mul(factor).fma(load(scale, i), load(bias, i)).intoArray(y, yFrom + i);
    }
    for (int i = bound; i < count; i++) {
      y[yFrom + i] = Math.fma(y[yFrom + i] * factor, scale[i], bias[i]);
    }
  }
}
