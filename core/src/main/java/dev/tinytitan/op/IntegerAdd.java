package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.OpSpec;

/**
 * Sum of two quantized tensors, broadcast: what DequantizeLinear (twice) → Add → QuantizeLinear
 * means. {@code fma(a, aRatio, fma(b, bRatio, fixed))} in float32, cut to the output's range, half
 * to even; docs/numerics.md says why. Inputs: a and b (int8 or uint8). Internal.
 *
 * @param aRatio a's scale by the output's, in float32
 * @param bRatio b's scale by the output's, in float32
 */
public record IntegerAdd(
    float aRatio, int aZeroPoint, float bRatio, int bZeroPoint, QuantizedOutput output)
    implements IntegerBinary {
  static final OpSpec SPEC = OpSpec.internal("IntegerAdd").inputs(2).tolerance(0, 0).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return output
        .encode(
            Attributes.builder()
                .put("a_ratio", aRatio)
                .put("a_zero_point", aZeroPoint)
                .put("b_ratio", bRatio)
                .put("b_zero_point", bZeroPoint))
        .build();
  }

  /**
   * What the zero points come to: {@code output's - fma(aRatio, a's, bRatio * b's)} in float32, to
   * be computed once.
   */
  public float fixed() {
    return output.zeroPoint() - Math.fma(aRatio, (float) aZeroPoint, bRatio * bZeroPoint);
  }

  @Override
  public int apply(int a, int b) {
    return output.round(Math.fma((float) a, aRatio, Math.fma((float) b, bRatio, fixed())));
  }
}
