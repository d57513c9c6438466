package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import java.util.List;

/**
 * The mean over all spatial axes of a quantized tensor: what DequantizeLinear → GlobalAveragePool →
 * QuantizeLinear means. {@code sum = Σ (x - xZeroPoint)} exactly, then {@link
 * QuantizedOutput#requantize} with {@link #multiplier}. Input: x {@code [N, C, spatial…]} (int8 or
 * uint8); output {@code [N, C, 1…]}. Internal.
 */
public record IntegerGlobalAveragePool(
    float xScale, int xZeroPoint, float yScale, QuantizedOutput output) implements Operator {
  static final OpSpec SPEC = OpSpec.internal("IntegerGlobalAveragePool").tolerance(0, 0).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return output
        .encode(
            Attributes.builder()
                .put("x_scale", xScale)
                .put("x_zero_point", xZeroPoint)
                .put("y_scale", yScale))
        .build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(Pooling.inferGlobal(context.input(0)).get(0).withDType(output.dtype()));
  }

  /**
   * {@code x scale / (y scale * count)} of {@code count} spatial elements, each step in float32.
   */
  public float multiplier(int count) {
    return xScale / (yScale * count);
  }

  @Override
  public void eval(EvalContext context) {
    Pooling.poolGlobally(context, output.dtype(), new Mean(this));
  }

  /** The mean of one channel. */
  private record Mean(IntegerGlobalAveragePool pool) implements Pooling.GlobalReduction {
    @Override
    public double reduce(double[] x, int from, int to) {
      int sum = 0;
      for (int i = from; i < to; i++) {
        sum += (int) x[i] - pool.xZeroPoint;
      }
      return pool.output.requantize(sum, pool.multiplier(to - from));
    }
  }
}
