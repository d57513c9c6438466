package dev.tinytitan.op;

import java.util.Locale;

/**
 * An activation function of a recurrent operator, as ONNX's RNN, GRU and LSTM name them.
 *
 * @param kind the function
 * @param alpha its first parameter, where it has one
 * @param beta its second parameter, where it has one
 */
public record RecurrentActivation(Kind kind, float alpha, float beta) {

  /** The functions, each with how many parameters it takes and their defaults. */
  public enum Kind {
    /** {@code alpha * x + beta}. */
    AFFINE("Affine", 2, 1, 0),
    /** See {@link Elu}. */
    ELU("Elu", 1, 1, 0),
    /** See {@link HardSigmoid}. */
    HARD_SIGMOID("HardSigmoid", 2, 0.2f, 0.5f),
    /** See {@link LeakyRelu}. */
    LEAKY_RELU("LeakyRelu", 1, 0.01f, 0),
    /** See {@link Relu}. */
    RELU("Relu", 0, 0, 0),
    /** {@code alpha * tanh(beta * x)}. */
    SCALED_TANH("ScaledTanh", 2, 1, 1),
    /** See {@link Sigmoid}. */
    SIGMOID("Sigmoid", 0, 0, 0),
    /** See {@link Softplus}. */
    SOFTPLUS("Softplus", 0, 0, 0),
    /** See {@link Softsign}. */
    SOFTSIGN("Softsign", 0, 0, 0),
    /** Hyperbolic tangent. */
    TANH("Tanh", 0, 0, 0),
    /** See {@link ThresholdedRelu}. */
    THRESHOLDED_RELU("ThresholdedRelu", 1, 1, 0);

    private final String onnxName;
    private final int parameters;
    private final float alpha;
    private final float beta;

    Kind(String onnxName, int parameters, float alpha, float beta) {
      this.onnxName = onnxName;
      this.parameters = parameters;
      this.alpha = alpha;
      this.beta = beta;
    }

    /** The name in a model file. */
    public String onnxName() {
      return onnxName;
    }

    /** True if it takes {@code alpha}. */
    boolean hasAlpha() {
      return parameters > 0;
    }

    /** True if it takes {@code beta}. */
    boolean hasBeta() {
      return parameters > 1;
    }

    /** {@code alpha} where a model does not give it. */
    float defaultAlpha() {
      return alpha;
    }

    /** {@code beta} where a model does not give it. */
    float defaultBeta() {
      return beta;
    }

    /** The function of this name, in any case, as some exporters write it. */
    static Kind ofName(String name) {
      for (Kind kind : values()) {
        if (kind.onnxName.toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT))) {
          return kind;
        }
      }
      throw Shapes.badAttribute("activations", name);
    }
  }

  /** A function with its default parameters. */
  public static RecurrentActivation of(Kind kind) {
    return new RecurrentActivation(kind, kind.defaultAlpha(), kind.defaultBeta());
  }

  /** The function. */
  public double apply(double x) {
    return switch (kind) {
      case AFFINE -> alpha * x + beta;
      case ELU -> new Elu(alpha).apply(x);
      case HARD_SIGMOID -> new HardSigmoid(alpha, beta).apply(x);
      case LEAKY_RELU -> new LeakyRelu(alpha).apply(x);
      case RELU -> new Relu().apply(x);
      case SCALED_TANH -> alpha * Math.tanh(beta * x);
      case SIGMOID -> new Sigmoid().apply(x);
      case SOFTPLUS -> new Softplus().apply(x);
      case SOFTSIGN -> new Softsign().apply(x);
      case TANH -> Math.tanh(x);
      case THRESHOLDED_RELU -> new ThresholdedRelu(alpha).apply(x);
    };
  }
}
