package dev.tinytitan.kernel;

/**
 * Coefficients of the polynomials by which kernels approximate functions in float32, and the same
 * functions for one number. Relative errors stay below 3e-7 (a few units in the last place).
 *
 * <p>The exponential is computed as {@code 2^n * p(r)} with {@code x = n * ln 2 + r}; its
 * polynomial and that of {@link #ERF_LARGE} are least-squares fits on Chebyshev points. The
 * polynomials of {@link #TANH} and {@link #ERF_SMALL} are those of Moshier's Cephes library.
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
  public static final float LN2_LOW = -2.12194440e-4f;

  /** Adding this to a float of magnitude below 2^22 and taking it away again rounds it. */
  public static final float ROUNDER = 12582912f;

  /** Coefficients of {@code e^r} for {@code |r| <= ln 2 / 2}, of falling degree, without 1 + r. */
  static final float[] EXP = {
    0.0013829424f,
    0.008374775f,
    0.04166836f,
    0.16666421f,
    0.4999999f
  };

  /** Below this magnitude {@code tanh(x) = x + x^3 * TANH(x^2)}; above it comes from exp. */
  public static final float TANH_SMALL = 0.625f;

  static final float[] TANH = {
    -0.0057049887f, 0.020639088f, -0.053739715f, 0.13331442f, -0.3333328f
  };

  /** Below magnitude 1, {@code erf(x) = x * ERF_SMALL(x^2)}. */
  static final float[] ERF_SMALL = {
    7.8538615e-5f,
    -8.0101937e-4f,
    0.0051883277f,
    -0.026853813f,
    0.112835854f,
    -0.37612626f,
    1.1283791f
  };

  /** From magnitude 1 to 4, {@code erf(x) = 1 - exp(-ERF_LARGE(x))}; beyond, it is 1. */
  static final float[] ERF_LARGE = {
    -1.2506479e-4f,
    0.0022870742f,
    -0.018948233f,
    0.09653808f,
    0.646327f,
    1.1217917f,
    0.0017351793f
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

  /** A copy of the coefficients of {@link #TANH}. */
  public static float[] tanhCoefficients() {
    return TANH.clone();
  }

  /** A copy of the coefficients of {@link #ERF_SMALL}. */
  public static float[] smallErfCoefficients() {
    return ERF_SMALL.clone();
  }

  /** A copy of the coefficients of {@link #ERF_LARGE}. */
  public static float[] largeErfCoefficients() {
    return ERF_LARGE.clone();
  }

  private static float polynomial(float[] falling, float x) {
    float sum = falling[0];
    for (int i = 1; i < falling.length; i++) {
      sum = sum * x + falling[i];
    }
    return sum;
  }

  /** {@code e^x}. */
  static float exp(float x) {
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
    float magnitude = Math.abs(x);
    if (magnitude < TANH_SMALL) {
      float square = x * x;
      return x + x * square * polynomial(TANH, square);
    }
    return Math.copySign(1 - 2 / (exp(2 * magnitude) + 1), x);
  }

  /** The error function. */
  static float erf(float x) {
    float magnitude = Math.abs(x);
    if (magnitude < 1) {
      return x * polynomial(ERF_SMALL, x * x);
    }
    float cut = Math.min(magnitude, 4);
    return Math.copySign(1 - exp(-polynomial(ERF_LARGE, cut)), x);
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
