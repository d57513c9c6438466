package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.LANES;
import static dev.tinytitan.simd.FloatVectors.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * One loop for each element-wise function, over whole vectors: {@code count} is a multiple of their
 * length. (A second copy of a function for what is left over would exceed what the compiler
 * inlines.)
 *
 * <p>The loops are written out because a loop over a function object would box every vector.
 */
final class FunctionLoops {
  private FunctionLoops() {}

  private static FloatVector load(float[] x, int from) {
    return FloatVector.fromArray(SPECIES, x, from);
  }

  static void abs(float[] a, int aFrom, float[] y, int yFrom, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      x.abs().intoArray(y, yFrom + i);
    }
  }

  static void negate(float[] a, int aFrom, float[] y, int yFrom, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      x.neg().intoArray(y, yFrom + i);
    }
  }

  static void clip(float[] a, int aFrom, float[] y, int yFrom, int count, float alpha, float beta) {
    FloatVector low = FloatVector.broadcast(SPECIES, alpha);
    FloatVector high = FloatVector.broadcast(SPECIES, beta);
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      Clipping.clip(x, low, high).intoArray(y, yFrom + i);
    }
  }

  static void leakyRelu(float[] a, int aFrom, float[] y, int yFrom, int count, float alpha) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.leakyRelu(x, alpha).intoArray(y, yFrom + i);
    }
  }

  static void elu(float[] a, int aFrom, float[] y, int yFrom, int count, float alpha) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.elu(x, alpha).intoArray(y, yFrom + i);
    }
  }

  static void sigmoid(float[] a, int aFrom, float[] y, int yFrom, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.sigmoid(x).intoArray(y, yFrom + i);
    }
  }

  static void hardSigmoid(
      float[] a, int aFrom, float[] y, int yFrom, int count, float alpha, float beta) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.hardSigmoid(x, alpha, beta).intoArray(y, yFrom + i);
    }
  }

  static void hardSwish(float[] a, int aFrom, float[] y, int yFrom, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.hardSigmoid(x, 1 / 6f, 0.5f).mul(x).intoArray(y, yFrom + i);
    }
  }

  static void swish(float[] a, int aFrom, float[] y, int yFrom, int count, float alpha) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.swish(x, alpha).intoArray(y, yFrom + i);
    }
  }

  static void tanh(float[] a, int aFrom, float[] y, int yFrom, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.tanh(x).intoArray(y, yFrom + i);
    }
  }

  static void erf(float[] a, int aFrom, float[] y, int yFrom, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.erf(x).intoArray(y, yFrom + i);
    }
  }

  static void gelu(float[] a, int aFrom, float[] y, int yFrom, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.gelu(x).intoArray(y, yFrom + i);
    }
  }

  static void geluTanh(float[] a, int aFrom, float[] y, int yFrom, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.geluTanh(x).intoArray(y, yFrom + i);
    }
  }

  static void exp(float[] a, int aFrom, float[] y, int yFrom, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      VectorFunctions.exp(x).intoArray(y, yFrom + i);
    }
  }

  static void sqrt(float[] a, int aFrom, float[] y, int yFrom, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      x.lanewise(VectorOperators.SQRT).intoArray(y, yFrom + i);
    }
  }

  static void reciprocal(float[] a, int aFrom, float[] y, int yFrom, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = load(a, aFrom + i);
      FloatVector.broadcast(SPECIES, 1f).div(x).intoArray(y, yFrom + i);
    }
  }
}
