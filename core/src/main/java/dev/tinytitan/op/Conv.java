package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Convolution over any number of spatial axes. Inputs: x {@code [N, C, spatial…]}, weights {@code
 * [M, C / group, kernel…]}, optionally a bias {@code [M]}; output {@code [N, M, spatial…]};
 * float16, bfloat16, float32 or float64. ONNX: Conv-22.
 *
 * @param window its {@link Window#kernel} may be empty: the weights have it
 * @param group how many blocks of channels are convolved apart
 */
public record Conv(Window window, int group) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Conv", 22)
          .compatibleSince(1)
          .inputs(2, 3)
          .decoder(new FrequentDecoder("Conv"))
          .build();

  static Operator decode(ImportContext context) {
    return new Conv(Window.decode(context.attributes()), context.attributes().getInt("group", 1));
  }

  public Conv {
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
    TensorType x = context.input(0);
    Shapes.requireSameDType(x, context.input(1));
    return List.of(Convolution.infer(x, context.input(1), x.dtype(), window, group));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor w = context.input(1);
    Convolution.Result result =
        Convolution.convolve(
            x.toDoubleArray(), x.shape(), w.toDoubleArray(), w.shape(), window, group);
    if (context.hasInput(2)) {
      Convolution.addBias(result, context.input(2).toDoubleArray());
    }
    Elements.store(result.values(), context.output(0, x.dtype(), result.shape()));
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    return Convolution.cost(inputs, outputs, inputs.get(1));
  }
}
