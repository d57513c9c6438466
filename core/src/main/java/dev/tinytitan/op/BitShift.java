package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/**
 * Bits of unsigned integers shifted, with broadcasting; shifting by the width or more gives 0.
 * ONNX: BitShift-11.
 *
 * @param left whether towards the high bits
 */
public record BitShift(boolean left) implements IntegerPairFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("BitShift", 11)
          .inputs(2)
          .decoder(context ->
              new BitShift(
                  switch (context.attributes().getText("direction", "")) {
                    case "LEFT" -> true;
                    case "RIGHT" -> false;
                    case String other -> throw Shapes.badAttribute("direction", other);
                  }))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().put("direction", left ? "LEFT" : "RIGHT").build();
  }

  @Override
  public long apply(long a, long b, DType dtype) {
    if (Long.compareUnsigned(b, 64) >= 0) {
      return 0;
    }
    return left ? a << b : a >>> b;
  }
}
