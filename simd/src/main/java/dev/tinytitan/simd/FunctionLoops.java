package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.LANES;
import static dev.tinytitan.simd.FloatVectors.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * One loop for each element-wise function: whole vectors, then what is left over under a mask.
 *
 * <p>The loops are written out because a loop over a function object would box every vector.
 */
final class FunctionLoops {
  private FunctionLoops() {}

  private static FloatVector load(float[] x, int from) {
    return FloatVector.fromArray(SPECIES, x, from);
  }

  private static FloatVector load(float[] x, int from, VectorMask<Float> mask) {
    return FloatVector.fromArray(SPECIES, x, from, mask);
  }

  static void abs(float[] a, int aFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      x.abs().intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector x = load(a, aFrom + bound, mask);
      x.abs().intoArray(y, yFrom + bound, mask);
    }
  }

  static void negate(float[] a, int aFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      x.neg().intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector x = load(a, aFrom + bound, mask);
      x.neg().intoArray(y, yFrom + bound, mask);
    }
  }

  static void clip(float[] a, int aFrom, float[] y, int yFrom, int count, float alpha, float beta) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      x.max(alpha).min(beta).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector x = load(a, aFrom + bound, mask);
      x.max(alpha).min(beta).intoArray(y, yFrom + bound, mask);
    }
  }

  static void leakyRelu(float[] a, int aFrom, float[] y, int yFrom, int count, float alpha) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.leakyRelu(x, alpha).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector x = load(a, aFrom + bound, mask);
      VectorFunctions.leakyRelu(x, alpha).intoArray(y, yFrom + bound, mask);
    }
  }

  static void elu(float[] a, int aFrom, float[] y, int yFrom, int count, float alpha) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.elu(x, alpha).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector x = load(a, aFrom + bound, mask);
      VectorFunctions.elu(x, alpha).intoArray(y, yFrom + bound, mask);
    }
  }

  static void sigmoid(float[] a, int aFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.sigmoid(x).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector x = load(a, aFrom + bound, mask);
      VectorFunctions.sigmoid(x).intoArray(y, yFrom + bound, mask);
    }
  }

  static void hardSigmoid(float[] a, int aFrom, float[] y, int yFrom, int count, float alpha, float beta) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.hardSigmoid(x, alpha, beta).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector x = load(a, aFrom + bound, mask);
      VectorFunctions.hardSigmoid(x, alpha, beta).intoArray(y, yFrom + bound, mask);
    }
  }

  static void hardSwish(float[] a, int aFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.hardSigmoid(x, 1 / 6f, 0.5f).mul(x).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector x = load(a, aFrom + bound, mask);
      VectorFunctions.hardSigmoid(x, 1 / 6f, 0.5f).mul(x).intoArray(y, yFrom + bound, mask);
    }
  }

  static void swish(float[] a, int aFrom, float[] y, int yFrom, int count, float alpha) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.swish(x, alpha).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector x = load(a, aFrom + bound, mask);
      VectorFunctions.swish(x, alpha).intoArray(y, yFrom + bound, mask);
    }
  }

  static void tanh(float[] a, int aFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.tanh(x).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector x = load(a, aFrom + bound, mask);
      VectorFunctions.tanh(x).intoArray(y, yFrom + bound, mask);
    }
  }

  static void erf(float[] a, int aFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.erf(x).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector x = load(a, aFrom + bound, mask);
      VectorFunctions.erf(x).intoArray(y, yFrom + bound, mask);
    }
  }

  static void gelu(float[] a, int aFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.gelu(x).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector x = load(a, aFrom + bound, mask);
      VectorFunctions.gelu(x).intoArray(y, yFrom + bound, mask);
    }
  }

  static void geluTanh(float[] a, int aFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.geluTanh(x).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector x = load(a, aFrom + bound, mask);
      VectorFunctions.geluTanh(x).intoArray(y, yFrom + bound, mask);
    }
  }

  static void exp(float[] a, int aFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.exp(x).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector x = load(a, aFrom + bound, mask);
      VectorFunctions.exp(x).intoArray(y, yFrom + bound, mask);
    }
  }

  static void sqrt(float[] a, int aFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      x.lanewise(VectorOperators.SQRT).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector x = load(a, aFrom + bound, mask);
      x.lanewise(VectorOperators.SQRT).intoArray(y, yFrom + bound, mask);
    }
  }

  static void reciprocal(float[] a, int aFrom, float[] y, int yFrom, int count) {
    int bound = SPECIES.loopBound(count);
    for (int i = 0; i < bound; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      FloatVector.broadcast(SPECIES, 1f).div(x).intoArray(y, yFrom + i);
    }
    if (bound < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(bound, count);
      FloatVector x = load(a, aFrom + bound, mask);
      FloatVector.broadcast(SPECIES, 1f).div(x).intoArray(y, yFrom + bound, mask);
    }
  }

}
