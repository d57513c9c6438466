package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.SPECIES;

import dev.tinytitan.kernel.Approximations;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Functions of each lane, by the polynomials of {@link Approximations}. Small enough to be inlined,
 * without which vectors would be boxed.
 */
final class VectorFunctions {
  private VectorFunctions() {}

  private static final int ROUNDER_BITS = Float.floatToRawIntBits(Approximations.ROUNDER);

  private static final int EXPONENT_BIAS = 127;

  private static final int EXPONENT_SHIFT = 23;

  private static final float[] EXP = Approximations.expCoefficients();
  private static final float EXP_6 = EXP[0];
  private static final float EXP_5 = EXP[1];
  private static final float EXP_4 = EXP[2];
  private static final float EXP_3 = EXP[3];
  private static final float EXP_2 = EXP[4];

  private static final float[] TANH_P = Approximations.tanhNumerator();
  private static final float TANH_P_6 = TANH_P[0];
  private static final float TANH_P_5 = TANH_P[1];
  private static final float TANH_P_4 = TANH_P[2];
  private static final float TANH_P_3 = TANH_P[3];
  private static final float TANH_P_2 = TANH_P[4];
  private static final float TANH_P_1 = TANH_P[5];
  private static final float TANH_P_0 = TANH_P[6];

  private static final float[] TANH_Q = Approximations.tanhDenominator();
  private static final float TANH_Q_3 = TANH_Q[0];
  private static final float TANH_Q_2 = TANH_Q[1];
  private static final float TANH_Q_1 = TANH_Q[2];
  private static final float TANH_Q_0 = TANH_Q[3];

  private static final float[] ERF_P = Approximations.erfNumerator();
  private static final float ERF_P_6 = ERF_P[0];
  private static final float ERF_P_5 = ERF_P[1];
  private static final float ERF_P_4 = ERF_P[2];
  private static final float ERF_P_3 = ERF_P[3];
  private static final float ERF_P_2 = ERF_P[4];
  private static final float ERF_P_1 = ERF_P[5];
  private static final float ERF_P_0 = ERF_P[6];

  private static final float[] ERF_Q = Approximations.erfDenominator();
  private static final float ERF_Q_4 = ERF_Q[0];
  private static final float ERF_Q_3 = ERF_Q[1];
  private static final float ERF_Q_2 = ERF_Q[2];
  private static final float ERF_Q_1 = ERF_Q[3];
  private static final float ERF_Q_0 = ERF_Q[4];

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }

  /** {@code e^x}. */
  static FloatVector exp(FloatVector x) {
    FloatVector cut = x.max(Approximations.EXP_LOW).min(Approximations.EXP_HIGH);
    FloatVector shifted =
        cut.fma(constant(Approximations.LOG2_E), constant(Approximations.ROUNDER));
    FloatVector n = shifted.sub(Approximations.ROUNDER);
    FloatVector r = n.fma(constant(-Approximations.LN2_HIGH), cut);
    r = n.fma(constant(-Approximations.LN2_LOW), r);
    FloatVector p = constant(EXP_6).fma(r, constant(EXP_5));
    p = p.fma(r, constant(EXP_4));
    p = p.fma(r, constant(EXP_3));
    p = p.fma(r, constant(EXP_2));
    p = p.mul(r).fma(r, r).add(1f);
    // 2^n in two factors, so that results below the least normal float come out right. Written out
    // twice: as a method of its own it was not always inlined, and allocated vectors then.
    IntVector exponent = shifted.reinterpretAsInts().sub(ROUNDER_BITS);
    IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
    IntVector rest = exponent.sub(half);
    FloatVector first =
        half.add(EXPONENT_BIAS)
            .lanewise(VectorOperators.LSHL, EXPONENT_SHIFT)
            .reinterpretAsFloats();
    FloatVector second =
        rest.add(EXPONENT_BIAS)
            .lanewise(VectorOperators.LSHL, EXPONENT_SHIFT)
            .reinterpretAsFloats();
    return p.mul(first).mul(second);
  }

  /** {@code 1 / (1 + e^-x)}. */
  static FloatVector sigmoid(FloatVector x) {
    return constant(1f).div(exp(x.neg()).add(1f));
  }

  /** Hyperbolic tangent. */
  static FloatVector tanh(FloatVector x) {
    FloatVector cut = x.max(-Approximations.TANH_LIMIT).min(Approximations.TANH_LIMIT);
    FloatVector square = cut.mul(cut);
    FloatVector p = constant(TANH_P_6).fma(square, constant(TANH_P_5));
    p = p.fma(square, constant(TANH_P_4));
    p = p.fma(square, constant(TANH_P_3));
    p = p.fma(square, constant(TANH_P_2));
    p = p.fma(square, constant(TANH_P_1));
    p = p.fma(square, constant(TANH_P_0));
    FloatVector q = constant(TANH_Q_3).fma(square, constant(TANH_Q_2));
    q = q.fma(square, constant(TANH_Q_1));
    q = q.fma(square, constant(TANH_Q_0));
    // Exactly one at the ends: gelu of negative infinity then is the NaN that the reference has.
    return p.mul(cut)
        .div(q)
        .blend(1f, x.compare(VectorOperators.GE, Approximations.TANH_LIMIT))
        .blend(-1f, x.compare(VectorOperators.LE, -Approximations.TANH_LIMIT));
  }

  /** The error function. */
  static FloatVector erf(FloatVector x) {
    FloatVector cut = x.max(-Approximations.ERF_LIMIT).min(Approximations.ERF_LIMIT);
    FloatVector square = cut.mul(cut);
    FloatVector p = constant(ERF_P_6).fma(square, constant(ERF_P_5));
    p = p.fma(square, constant(ERF_P_4));
    p = p.fma(square, constant(ERF_P_3));
    p = p.fma(square, constant(ERF_P_2));
    p = p.fma(square, constant(ERF_P_1));
    p = p.fma(square, constant(ERF_P_0));
    FloatVector q = constant(ERF_Q_4).fma(square, constant(ERF_Q_3));
    q = q.fma(square, constant(ERF_Q_2));
    q = q.fma(square, constant(ERF_Q_1));
    q = q.fma(square, constant(ERF_Q_0));
    return p.mul(cut).div(q);
  }

  /** {@code x / 2 * (1 + erf(x / sqrt(2)))}. */
  static FloatVector gelu(FloatVector x) {
    return erf(x.mul(Approximations.SQRT_HALF)).add(1f).mul(x.mul(0.5f));
  }

  /** {@code x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))}. */
  static FloatVector geluTanh(FloatVector x) {
    FloatVector cubic = x.mul(x).mul(x).mul(Approximations.GELU_CUBIC);
    return tanh(x.add(cubic).mul(Approximations.SQRT_2_OVER_PI)).add(1f).mul(x.mul(0.5f));
  }

  /** {@code x * sigmoid(alpha * x)}. */
  static FloatVector swish(FloatVector x, float alpha) {
    return x.div(exp(x.mul(-alpha)).add(1f));
  }

  /** {@code x < 0 ? alpha * (e^x - 1) : x}. */
  static FloatVector elu(FloatVector x, float alpha) {
    FloatVector less = exp(x).sub(1f).mul(alpha);
    return x.blend(less, x.compare(VectorOperators.LT, 0f));
  }

  /** {@code max(0, min(1, alpha * x + beta))}. */
  static FloatVector hardSigmoid(FloatVector x, float alpha, float beta) {
    return x.mul(alpha).add(beta).max(0f).min(1f);
  }

  /** {@code x < 0 ? alpha * x : x}. */
  static FloatVector leakyRelu(FloatVector x, float alpha) {
    return x.blend(x.mul(alpha), x.compare(VectorOperators.LT, 0f));
  }
}
