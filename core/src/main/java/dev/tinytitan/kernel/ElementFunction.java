package dev.tinytitan.kernel;

import dev.tinytitan.op.Abs;
import dev.tinytitan.op.Elu;
import dev.tinytitan.op.Erf;
import dev.tinytitan.op.Exp;
import dev.tinytitan.op.Gelu;
import dev.tinytitan.op.HardSigmoid;
import dev.tinytitan.op.HardSwish;
import dev.tinytitan.op.LeakyRelu;
import dev.tinytitan.op.Neg;
import dev.tinytitan.op.Reciprocal;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Sigmoid;
import dev.tinytitan.op.Sqrt;
import dev.tinytitan.op.Swish;
import dev.tinytitan.op.Tanh;
import dev.tinytitan.op.UnaryOperator;
import java.util.Optional;

/**
 * A function of one float that engines compute with vectors. Immutable.
 *
 * @param alpha its first parameter, if it has one
 * @param beta its second parameter, if it has one
 */
public record ElementFunction(Kind kind, float alpha, float beta) {

  /** Which function. */
  public enum Kind {
    /** The magnitude. */
    ABS,
    /** {@code -x}. */
    NEG,
    /** Cut to {@code alpha..beta}; NaN stays. */
    CLIP,
    /** {@code x < 0 ? alpha * x : x}. */
    LEAKY_RELU,
    /** {@code x < 0 ? alpha * (exp(x) - 1) : x}. */
    ELU,
    /** {@code 1 / (1 + exp(-x))}. */
    SIGMOID,
    /** {@code max(0, min(1, alpha * x + beta))}. */
    HARD_SIGMOID,
    /** {@code x * max(0, min(1, x / 6 + 1/2))}. */
    HARD_SWISH,
    /** {@code x * sigmoid(alpha * x)}. */
    SWISH,
    /** Hyperbolic tangent. */
    TANH,
    /** The error function. */
    ERF,
    /** {@code x / 2 * (1 + erf(x / sqrt(2)))}. */
    GELU,
    /** {@code x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))}. */
    GELU_TANH,
    /** {@code e^x}. */
    EXP,
    /** Square root. */
    SQRT,
    /** {@code 1 / x}. */
    RECIPROCAL
  }

  /** A function without parameters. */
  public static ElementFunction of(Kind kind) {
    return new ElementFunction(kind, 0, 0);
  }

  /** Cutting to a range. */
  public static ElementFunction clip(float low, float high) {
    return new ElementFunction(Kind.CLIP, low, high);
  }

  /** The function that an operator applies to each float; empty if it has no vector form. */
  public static Optional<ElementFunction> of(UnaryOperator operator) {
    return Optional.ofNullable(
        switch (operator) {
          case Abs abs -> of(Kind.ABS);
          case Neg neg -> of(Kind.NEG);
          case Relu relu -> clip(0, Float.POSITIVE_INFINITY);
          case LeakyRelu leaky -> new ElementFunction(Kind.LEAKY_RELU, leaky.alpha(), 0);
          case Elu elu -> new ElementFunction(Kind.ELU, elu.alpha(), 0);
          case Sigmoid sigmoid -> of(Kind.SIGMOID);
          case HardSigmoid hard ->
              new ElementFunction(Kind.HARD_SIGMOID, hard.alpha(), hard.beta());
          case HardSwish hardSwish -> of(Kind.HARD_SWISH);
          case Swish swish -> new ElementFunction(Kind.SWISH, swish.alpha(), 0);
          case Tanh tanh -> of(Kind.TANH);
          case Erf erf -> of(Kind.ERF);
          case Gelu gelu -> of(gelu.tanh() ? Kind.GELU_TANH : Kind.GELU);
          case Exp exp -> of(Kind.EXP);
          case Sqrt sqrt -> of(Kind.SQRT);
          case Reciprocal reciprocal -> of(Kind.RECIPROCAL);
          default -> null;
        });
  }
}
