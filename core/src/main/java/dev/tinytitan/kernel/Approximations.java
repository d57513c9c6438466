package dev.tinytitan.kernel;

/**
 * Coefficients of the polynomials by which kernels approximate functions in float32, and the same
 * functions for one number. Relative errors stay below 5e-7 (a few units in the last place).
 *
 * <p>The exponential is computed as {@code 2^n * p(r)} with {@code x = n * ln 2 + r}; p is a
 * least-squares fit on Chebyshev points. Hyperbolic tangent and error function are rational: the
 * minimax coefficients that the Eigen library publishes. They need no branch and no exponential,
 * and so few operations that the compiler inlines them whole.
 */
public final class Approximations {
  private Approximations() {}

  /** Below this, the exponential is 0. */
  public static final float EXP_LOW = -104f;

  /** Above this, the exponential is infinite. */
  public static final float EXP_HIGH = 89f;

  /** {@code 1 / ln 2}. */
  public static final float LOG2_E = 1.442695f;

  /** The first digits of {@code ln 2}, few enough for exact multiples. */
  public static final float LN2_HIGH = 355f / 512;

  /** {@code ln 2 - LN2_HIGH}. */
  public static final float LN2_LOW = -2.1219444e-4f;

  /** Adding this to a float of magnitude below 2^22 and taking it away again rounds it. */
  public static final float ROUNDER = 12582912f;

  /** Coefficients of {@code e^r} for {@code |r| <= ln 2 / 2}, of falling degree, without 1 + r. */
  static final float[] EXP = {0.0013829424f, 0.008374775f, 0.04166836f, 0.16666421f, 0.4999999f};

  /** Beyond this magnitude, the hyperbolic tangent is 1 in float32. */
  public static final float TANH_LIMIT = 7.905311f;

  /** {@code tanh(x) = x * NUMERATOR(x^2) / DENOMINATOR(x^2)}, of falling degree. */
  static final float[] TANH_NUMERATOR = {
    -2.7607684e-16f,
    2.000188e-13f,
    -8.604672e-11f,
    5.1222973e-8f,
    1.48572235e-5f,
    6.3726195e-4f,
    0.0048935246f
  };

  static final float[] TANH_DENOMINATOR = {
    1.1982584e-6f, 1.1853471e-4f, 0.0022684347f, 0.004893525f
  };

  /** Beyond this magnitude, the error function is 1 in float32. */
  public static final float ERF_LIMIT = 4;

  /** {@code erf(x) = x * NUMERATOR(x^2) / DENOMINATOR(x^2)}, of falling degree. */
  static final float[] ERF_NUMERATOR = {
    -2.7261424e-10f,
    2.7706815e-8f,
    -2.101024e-6f,
    -5.6925062e-5f,
    -7.3499064e-4f,
    -0.0029546f,
    -0.016096033f
  };

  static final float[] ERF_DENOMINATOR = {
    -1.45660715e-5f, -2.1337405e-4f, -0.001682827f, -0.0073733293f, -0.014264739f
  };

  /** {@code sqrt(1/2)}. */
  public static final float SQRT_HALF = 0.70710677f;

  /** {@code sqrt(2 / pi)}. */
  public static final float SQRT_2_OVER_PI = 0.7978846f;

  /** The cubic term of the tanh form of GELU. */
  public static final float GELU_CUBIC = 0.044715f;

  /** A copy of the coefficients of {@link #EXP}. */
  public static float[] expCoefficients() {
    return EXP.clone();
  }

  /** A copy of the coefficients of {@link #TANH_NUMERATOR}. */
  public static float[] tanhNumerator() {
    return TANH_NUMERATOR.clone();
  }

  /** A copy of the coefficients of {@link #TANH_DENOMINATOR}. */
  public static float[] tanhDenominator() {
    return TANH_DENOMINATOR.clone();
  }

  /** A copy of the coefficients of {@link #ERF_NUMERATOR}. */
  public static float[] erfNumerator() {
    return ERF_NUMERATOR.clone();
  }

  /** A copy of the coefficients of {@link #ERF_DENOMINATOR}. */
  public static float[] erfDenominator() {
    return ERF_DENOMINATOR.clone();
  }

  private static float polynomial(float[] falling, float x) {
    float sum = falling[0];
    for (int i = 1; i < falling.length; i++) {
      sum = sum * x + falling[i];
    }
    return sum;
  }

  /** {@code e^x}. */
  public static float exp(float x) {
    if (Float.isNaN(x)) {
      return x;
    }
    float cut = Math.max(EXP_LOW, Math.min(EXP_HIGH, x));
    float n = cut * LOG2_E + ROUNDER - ROUNDER;
    float r = cut - n * LN2_HIGH - n * LN2_LOW;
    float p = polynomial(EXP, r) * r * r + r + 1;
    int exponent = (int) n;
    int half = exponent >> 1;
    return p * power(half) * power(exponent - half);
  }

  /** {@code 2^exponent} for exponents from -126 to 127. */
  private static float power(int exponent) {
    return Float.intBitsToFloat((exponent + 127) << 23);
  }

  /** {@code 1 / (1 + e^-x)}. */
  static float sigmoid(float x) {
    return 1 / (1 + exp(-x));
  }

  /** Hyperbolic tangent. */
  static float tanh(float x) {
    return rational(TANH_NUMERATOR, TANH_DENOMINATOR, x, TANH_LIMIT);
  }

  /** The error function. */
  static float erf(float x) {
    return rational(ERF_NUMERATOR, ERF_DENOMINATOR, x, ERF_LIMIT);
  }

  private static float rational(float[] numerator, float[] denominator, float x, float limit) {
    float cut = Math.max(-limit, Math.min(limit, x));
    float square = cut * cut;
    return cut * polynomial(numerator, square) / polynomial(denominator, square);
  }

  /** GELU by the error function. */
  static float gelu(float x) {
    return 0.5f * x * (1 + erf(x * SQRT_HALF));
  }

  /** GELU by the hyperbolic tangent. */
  static float geluTanh(float x) {
    return 0.5f * x * (1 + tanh(SQRT_2_OVER_PI * (x + GELU_CUBIC * x * x * x)));
  }
}
