package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.OpSpec;

/**
 * Whether elements are infinite. ONNX: IsInf-20.
 *
 * @param detectNegative whether negative infinity counts
 * @param detectPositive whether positive infinity counts
 */
public record IsInf(boolean detectNegative, boolean detectPositive) implements Predicate {
  static final OpSpec SPEC =
      OpSpec.onnx("IsInf", 20)
          .compatibleSince(10)
          .decoder(context ->
              new IsInf(
                  context.attributes().getBoolean("detect_negative", true),
                  context.attributes().getBoolean("detect_positive", true)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(true, "detect_negative", detectNegative)
        .putUnless(true, "detect_positive", detectPositive)
        .build();
  }

  @Override
  public boolean holds(double x) {
    return (detectPositive && x == Double.POSITIVE_INFINITY)
        || (detectNegative && x == Double.NEGATIVE_INFINITY);
  }
}
