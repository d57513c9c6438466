package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import java.util.List;

/**
 * Average pooling of a quantized tensor: what DequantizeLinear → AveragePool → QuantizeLinear means.
 * {@code sum = Σ (x - xZeroPoint)} exactly over the elements inside, then {@link
 * QuantizedOutput#requantize} with {@link #multiplier} of how many elements count. Input: x {@code
 * [N, C, spatial…]} (int8 or uint8). Internal.
 *
 * @param countIncludePad whether padding counts (as zeros, which are x's zero point)
 */
public record IntegerAveragePool(
    Window window,
    boolean countIncludePad,
    float xScale,
    int xZeroPoint,
    float yScale,
    QuantizedOutput output)
    implements Operator {
  static final OpSpec SPEC = OpSpec.internal("IntegerAveragePool").tolerance(0, 0).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return output
        .encode(
            window
                .encode()
                .putUnless(false, "count_include_pad", countIncludePad)
                .put("x_scale", xScale)
                .put("x_zero_point", xZeroPoint)
                .put("y_scale", yScale))
        .build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(Pooling.infer(context, window).withDType(output.dtype()));
  }

  /** {@code x scale / (y scale * count)}, each step in float32. */
  public static float multiplier(float xScale, float yScale, int count) {
    return xScale / (yScale * count);
  }

  @Override
  public void eval(EvalContext context) {
    Pooling.pool(
        context,
        window,
        output.dtype(),
        (x, base, offsets, geometry, position) -> {
          int sum = 0;
          int inside = 0;
          for (int offset : offsets) {
            if (offset >= 0) {
              sum += (int) x[base + offset] - xZeroPoint;
              inside++;
            }
          }
          int count = countIncludePad ? geometry.countWithinPadding(position) : inside;
          return output.requantize(sum, multiplier(xScale, yScale, count));
        });
  }
}
