package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.OpSpec;

/**
 * Product of two quantized tensors, broadcast: what DequantizeLinear (twice) → Mul → QuantizeLinear
 * means. {@code float((a - aZeroPoint) * (b - bZeroPoint)) * multiplier + output's zero point},
 * each step in float32, then cut to the output's range, half to even; docs/numerics.md. Inputs: a
 * and b (int8 or uint8). Internal.
 *
 * @param multiplier a's scale times b's by the output's: {@link Quantized#multiplier}
 */
public record IntegerMul(float multiplier, int aZeroPoint, int bZeroPoint, QuantizedOutput output)
    implements IntegerBinary {
  static final OpSpec SPEC = OpSpec.internal("IntegerMul").inputs(2).tolerance(0, 0).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return output
        .encode(
            Attributes.builder()
                .put("multiplier", multiplier)
                .put("a_zero_point", aZeroPoint)
                .put("b_zero_point", bZeroPoint))
        .build();
  }

  @Override
  public int apply(int a, int b) {
    float steps = (float) ((a - aZeroPoint) * (b - bZeroPoint)) * multiplier;
    return output.round(steps + output.zeroPoint());
  }
}
