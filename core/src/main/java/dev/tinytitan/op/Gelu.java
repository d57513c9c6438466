package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.OpSpec;

/**
 * Gaussian error linear unit, {@code x} times the standard normal distribution function at {@code
 * x} (Hendrycks and Gimpel 2016). ONNX: Gelu-20.
 *
 * @param tanh whether the paper's approximation by a hyperbolic tangent is meant
 */
public record Gelu(boolean tanh) implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Gelu", 20)
          .decoder(context ->
              new Gelu(
                  switch (context.attributes().getText("approximate", "none")) {
                    case "none" -> false;
                    case "tanh" -> true;
                    case String other -> throw Shapes.badAttribute("approximate", other);
                  }))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return tanh ? Attributes.builder().put("approximate", "tanh").build() : Attributes.none();
  }

  @Override
  public double apply(double x) {
    if (tanh) {
      return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }
    return 0.5 * x * (1 + Erf.erf(x / Math.sqrt(2)));
  }

  @Override
  public double derivative(double x) {
    if (tanh) {
      double slope = Math.sqrt(2 / Math.PI);
      double t = Math.tanh(slope * (x + 0.044715 * x * x * x));
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * slope * (1 + 3 * 0.044715 * x * x);
    }
    double density = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    return 0.5 * (1 + Erf.erf(x / Math.sqrt(2))) + x * density;
  }
}
