package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Convolution of 8-bit integers to int32. Inputs: x {@code [N, C, spatial…]} and weights {@code [M,
 * C / group, kernel…]} (int8 or uint8), optionally x's zero point (a scalar) and the weights' (a
 * scalar or one per output channel). ONNX: ConvInteger-10.
 */
public record ConvInteger(Window window, int group) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("ConvInteger", 10)
          .inputs(2, 4)
          .tolerance(0, 0)
          .decoder(context ->
              new ConvInteger(
                  Window.decode(context.attributes()), context.attributes().getInt("group", 1)))
          .build();

  public ConvInteger {
    Convolution.requireGroup(group);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return window.encode().putUnless(1, "group", group).build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(
        Convolution.infer(context.input(0), context.input(1), DType.INT32, window, group));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor w = context.input(1);
    Convolution.Result result =
        Convolution.convolve(
            Quantized.centered(x, context.hasInput(2) ? context.input(2) : null, 0),
            x.shape(),
            Quantized.centered(w, context.hasInput(3) ? context.input(3) : null, 0),
            w.shape(),
            window,
            group);
    Elements.store(result.values(), context.output(0, DType.INT32, result.shape()));
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    return Convolution.cost(inputs, outputs, inputs.get(1));
  }
}
