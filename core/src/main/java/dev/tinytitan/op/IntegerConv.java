package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Convolution of 8-bit integers with requantization: what DequantizeLinear → Conv → QuantizeLinear
 * means. {@code sum = bias + Σ (x - xZeroPoint) * (w - wZeroPoint)} exactly in int32, then {@link
 * QuantizedOutput#requantize}; padding is x's zero point. Internal.
 *
 * <p>Inputs: x {@code [N, C, spatial…]} (int8 or uint8); w {@code [M, C / group, kernel…]} (int8 or
 * uint8); multipliers (float32, one or {@code [M]}: {@link Quantized#multiplier}); optionally bias
 * (int32 {@code [M]}); optionally w's zero points (w's dtype, one or {@code [M]}; 0 if left out).
 *
 * @param window its {@link Window#kernel} may be empty: the weights have it
 */
public record IntegerConv(Window window, int group, int xZeroPoint, QuantizedOutput output)
    implements Operator {
  static final OpSpec SPEC = OpSpec.internal("IntegerConv").inputs(3, 5).tolerance(0, 0).build();

  public IntegerConv {
    Convolution.requireGroup(group);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return output
        .encode(window.encode().putUnless(1, "group", group).put("x_zero_point", xZeroPoint))
        .build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(
        Convolution.infer(context.input(0), context.input(1), output.dtype(), window, group));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor w = context.input(1);
    Tensor multipliers = context.input(2);
    Convolution.Result sums =
        Convolution.convolve(
            Quantized.centered(x, Tensor.of(new int[] {xZeroPoint}), 1),
            x.shape(),
            Quantized.centered(w, context.hasInput(4) ? context.input(4) : null, 0),
            w.shape(),
            window,
            group);
    if (context.hasInput(3)) {
      Convolution.addBias(sums, context.input(3).toDoubleArray());
    }
    int channels = sums.shape().dim(1);
    if (multipliers.size() != 1 && multipliers.size() != channels) {
      throw new ShapeMismatchException(
          multipliers.size() + " multipliers do not fit " + channels + " output channels.");
    }
    Tensor y = context.output(0, output.dtype(), sums.shape());
    int area = sums.shape().sizeBetween(2, sums.shape().rank());
    for (int i = 0; i < y.size(); i++) {
      float multiplier = multipliers.getFloat(multipliers.size() == 1 ? 0 : i / area % channels);
      y.setLong(i, output.requantize((int) (long) sums.values()[i], multiplier));
    }
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    return Convolution.cost(inputs, outputs, inputs.get(1));
  }
}
