package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/**
 * Remainder of a division, with broadcasting. An integer divided by zero gives 0, which ONNX leaves
 * open. ONNX: Mod-13.
 *
 * @param fmod whether the remainder has the sign of the dividend, as C's fmod, and not that of the
 *     divisor, as Python's %
 */
public record Mod(boolean fmod) implements BinaryOperator {
  static final OpSpec SPEC =
      OpSpec.onnx("Mod", 13)
          .compatibleSince(10)
          .inputs(2)
          .decoder(context -> new Mod(context.attributes().getBoolean("fmod", false)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(false, "fmod", fmod).build();
  }

  @Override
  public float apply(float a, float b) {
    return (float) apply((double) a, (double) b);
  }

  @Override
  public double apply(double a, double b) {
    double remainder = a % b;
    return fmod || remainder == 0 || (remainder < 0) == (b < 0) ? remainder : remainder + b;
  }

  @Override
  public long apply(long a, long b, DType dtype) {
    if (b == 0) {
      return 0;
    }
    if (dtype.isUnsigned()) {
      return Long.remainderUnsigned(a, b);
    }
    return fmod ? a % b : Math.floorMod(a, b);
  }

  @Override
  public void gradient(GradientContext context) {
    context.give(0, context.gradient(0));
    if (context.wants(1)) {
      context.refuse("the divisor of a remainder has no useful gradient");
    }
  }
}
