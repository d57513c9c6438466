package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.LANES;
import static dev.tinytitan.simd.FloatVectors.SPECIES;

import dev.tinytitan.kernel.Approximations;
import dev.tinytitan.kernel.RowOperations;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Functions of rows, a vector at a time, and scalars for what is left over. The compiler inlines
 * what a function calls, up to a number of nodes that some fifty vector operations use up; beyond,
 * vectors are allocated. So there are few of them here, and no masks.
 */
final class SimdRowOperations implements RowOperations {

  private static FloatVector load(float[] x, int from) {
    return FloatVector.fromArray(SPECIES, x, from);
  }

  @Override
  public float sum(float[] x, int from, int count) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    int i = from;
    int to = from + count;
    for (; i + 2 * LANES <= to; i += 2 * LANES) {
      s0 = s0.add(load(x, i));
      s1 = s1.add(load(x, i + LANES));
    }
    float sum = FloatVectors.sum(s0.add(s1));
    for (; i < to; i++) {
      sum += x[i];
    }
    return sum;
  }

  @Override
  public float sumOfSquares(float[] x, int from, int count) {
    return dot(x, from, x, from, count);
  }

  @Override
  public float dot(float[] a, int aFrom, float[] b, int bFrom, int count) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i + 2 * LANES <= count; i += 2 * LANES) {
      s0 = load(a, aFrom + i).fma(load(b, bFrom + i), s0);
      s1 = load(a, aFrom + i + LANES).fma(load(b, bFrom + i + LANES), s1);
    }
    float sum = FloatVectors.sum(s0.add(s1));
    for (; i < count; i++) {
      sum = Math.fma(a[aFrom + i], b[bFrom + i], sum);
    }
    return sum;
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
    subtract(x, xFrom, maximum(x, xFrom, count), y, yFrom, count);
    exponentials(y, yFrom, count);
    scale(y, yFrom, 1 / sum(y, yFrom, count), count);
  }

  private static void exponentials(float[] y, int from, int count) {
    int bound = SPECIES.loopBound(count);
    FunctionLoops.exp(y, from, y, from, bound);
    for (int i = from + bound; i < from + count; i++) {
      y[i] = Approximations.exp(y[i]);
    }
  }

  private static void subtract(float[] x, int xFrom, float b, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      load(x, xFrom + i).sub(b).intoArray(y, yFrom + i);
    }
    for (int i = bound; i < count; i++) {
      y[yFrom + i] = x[xFrom + i] - b;
    }
  }

  private static void scale(float[] y, int from, float factor, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = from; i < from + bound; i += LANES) {
      load(y, i).mul(factor).intoArray(y, i);
    }
    for (int i = from + bound; i < from + count; i++) {
      y[i] *= factor;
    }
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
    subtract(x, xFrom, mean, y, yFrom, count);
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
