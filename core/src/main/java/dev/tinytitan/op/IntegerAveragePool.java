package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import java.util.List;

/**
 * Average pooling of a quantized tensor: what DequantizeLinear → AveragePool → QuantizeLinear
 * means. The real values {@code (x - xZeroPoint) * xScale} of the elements inside are added in
 * float32 in row-major order; the sum divided by how many elements count, then by the output's
 * scale, plus its zero point, is cut to the output's range, half to even; docs/numerics.md. Input:
 * x {@code [N, C, spatial…]} (int8 or uint8). Internal.
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

  @Override
  public void eval(EvalContext context) {
    Pooling.pool(
        context,
        window,
        output.dtype(),
        (x, base, offsets, geometry, position) -> {
          float sum = 0;
          int inside = 0;
          for (int offset : offsets) {
            if (offset >= 0) {
              sum += ((float) x[base + offset] - xZeroPoint) * xScale;
              inside++;
            }
          }
          int count = countIncludePad ? geometry.countWithinPadding(position) : inside;
          return output.round(sum / count / yScale + output.zeroPoint());
        });
  }
}
