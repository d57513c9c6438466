package dev.tinytitan.simd;

import dev.tinytitan.kernel.Approximations;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
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

  private static final float[] TANH = Approximations.tanhCoefficients();
  private static final float TANH_11 = TANH[0];
  private static final float TANH_9 = TANH[1];
  private static final float TANH_7 = TANH[2];
  private static final float TANH_5 = TANH[3];
  private static final float TANH_3 = TANH[4];

  private static final float[] SMALL = Approximations.smallErfCoefficients();
  private static final float SMALL_13 = SMALL[0];
  private static final float SMALL_11 = SMALL[1];
  private static final float SMALL_9 = SMALL[2];
  private static final float SMALL_7 = SMALL[3];
  private static final float SMALL_5 = SMALL[4];
  private static final float SMALL_3 = SMALL[5];
  private static final float SMALL_1 = SMALL[6];

  private static final float[] LARGE = Approximations.largeErfCoefficients();
  private static final float LARGE_6 = LARGE[0];
  private static final float LARGE_5 = LARGE[1];
  private static final float LARGE_4 = LARGE[2];
  private static final float LARGE_3 = LARGE[3];
  private static final float LARGE_2 = LARGE[4];
  private static final float LARGE_1 = LARGE[5];
  private static final float LARGE_0 = LARGE[6];

  private static FloatVector constant(FloatVector like, float value) {
    return FloatVector.broadcast(like.species(), value);
  }

  /** {@code e^x}. */
  static FloatVector exp(FloatVector x) {
    FloatVector cut = x.max(Approximations.EXP_LOW).min(Approximations.EXP_HIGH);
    FloatVector shifted = cut.fma(constant(x, Approximations.LOG2_E), constant(x, Approximations.ROUNDER));
    FloatVector n = shifted.sub(Approximations.ROUNDER);
    FloatVector r = n.fma(constant(x, -Approximations.LN2_HIGH), cut);
    r = n.fma(constant(x, -Approximations.LN2_LOW), r);
    FloatVector p = constant(x, EXP_6).fma(r, constant(x, EXP_5));
    p = p.fma(r, constant(x, EXP_4));
    p = p.fma(r, constant(x, EXP_3));
    p = p.fma(r, constant(x, EXP_2));
    p = p.mul(r).fma(r, r).add(1f);
    // 2^n in two factors, so that results below the least normal float come out right.
    IntVector exponent = shifted.reinterpretAsInts().sub(ROUNDER_BITS);
    IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
    return p.mul(power(half)).mul(power(exponent.sub(half)));
  }

  private static FloatVector power(IntVector exponent) {
    return exponent
        .add(EXPONENT_BIAS)
        .lanewise(VectorOperators.LSHL, EXPONENT_SHIFT)
        .reinterpretAsFloats();
  }

  /** {@code 1 / (1 + e^-x)}. */
  static FloatVector sigmoid(FloatVector x) {
    return constant(x, 1f).div(exp(x.neg()).add(1f));
  }

  /** Hyperbolic tangent. */
  static FloatVector tanh(FloatVector x) {
    FloatVector magnitude = x.abs();
    FloatVector square = x.mul(x);
    FloatVector p = constant(x, TANH_11).fma(square, constant(x, TANH_9));
    p = p.fma(square, constant(x, TANH_7));
    p = p.fma(square, constant(x, TANH_5));
    p = p.fma(square, constant(x, TANH_3));
    FloatVector small = p.mul(square).fma(x, x);
    FloatVector large = constant(x, 1f).sub(constant(x, 2f).div(exp(magnitude.add(magnitude)).add(1f)));
    VectorMask<Float> isSmall = magnitude.compare(VectorOperators.LT, Approximations.TANH_SMALL);
    return withSignOf(large, x).blend(small, isSmall);
  }

  /** The error function. */
  static FloatVector erf(FloatVector x) {
    FloatVector magnitude = x.abs();
    FloatVector square = x.mul(x);
    FloatVector s = constant(x, SMALL_13).fma(square, constant(x, SMALL_11));
    s = s.fma(square, constant(x, SMALL_9));
    s = s.fma(square, constant(x, SMALL_7));
    s = s.fma(square, constant(x, SMALL_5));
    s = s.fma(square, constant(x, SMALL_3));
    s = s.fma(square, constant(x, SMALL_1));
    FloatVector cut = magnitude.min(4f);
    FloatVector g = constant(x, LARGE_6).fma(cut, constant(x, LARGE_5));
    g = g.fma(cut, constant(x, LARGE_4));
    g = g.fma(cut, constant(x, LARGE_3));
    g = g.fma(cut, constant(x, LARGE_2));
    g = g.fma(cut, constant(x, LARGE_1));
    g = g.fma(cut, constant(x, LARGE_0));
    FloatVector large = constant(x, 1f).sub(exp(g.neg()));
    VectorMask<Float> isSmall = magnitude.compare(VectorOperators.LT, 1f);
    return withSignOf(large, x).blend(s.mul(x), isSmall);
  }

  /** A result of magnitude {@code y}, which is not negative, with the sign of {@code x}. */
  private static FloatVector withSignOf(FloatVector y, FloatVector x) {
    IntVector sign = x.reinterpretAsInts().and(Integer.MIN_VALUE);
    return y.reinterpretAsInts().or(sign).reinterpretAsFloats();
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
    // e^x - 1 = tanh(x / 2) * (e^x + 1), which does not cancel near 0.
    FloatVector less = tanh(x.mul(0.5f)).mul(exp(x).add(1f)).mul(alpha);
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
