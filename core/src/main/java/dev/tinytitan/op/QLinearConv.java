package dev.tinytitan.op;

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
 * Convolution of quantized tensors to a quantized tensor. Inputs: x, its scale and zero point;
 * weights, their scale and zero point (scalars or one per output channel); the output's scale and
 * zero point, whose dtype the output has; optionally an int32 bias in steps of x scale times weight
 * scale. Sums are exact; {@link QuantizedOutput#requantize} says the rest. ONNX: QLinearConv-10.
 */
public record QLinearConv(Window window, int group) implements Operator {
  private static final int X = 0;
  private static final int X_SCALE = 1;
  private static final int X_ZERO_POINT = 2;
  private static final int W = 3;
  private static final int W_SCALE = 4;
  private static final int W_ZERO_POINT = 5;
  private static final int Y_SCALE = 6;
  private static final int Y_ZERO_POINT = 7;
  private static final int BIAS = 8;

  static final OpSpec SPEC =
      OpSpec.onnx("QLinearConv", 10)
          .inputs(8, 9)
          .tolerance(0, 0)
          .decoder(context ->
              new QLinearConv(
                  Window.decode(context.attributes()), context.attributes().getInt("group", 1)))
          .build();

  public QLinearConv {
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
        Convolution.infer(
            context.input(X),
            context.input(W),
            context.input(Y_ZERO_POINT).dtype(),
            window,
            group));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(X);
    Tensor w = context.input(W);
    Convolution.Result sums =
        Convolution.convolve(
            Quantized.centered(x, context.input(X_ZERO_POINT), 1),
            x.shape(),
            Quantized.centered(w, context.input(W_ZERO_POINT), 0),
            w.shape(),
            window,
            group);
    if (context.hasInput(BIAS)) {
      Convolution.addBias(sums, context.input(BIAS).toDoubleArray());
    }
    Tensor zeroPoint = context.input(Y_ZERO_POINT);
    Tensor y = context.output(0, zeroPoint.dtype(), sums.shape());
    float[] scales = context.input(W_SCALE).toFloatArray();
    float xScale = context.input(X_SCALE).getFloat(0);
    float yScale = context.input(Y_SCALE).getFloat(0);
    QuantizedOutput output = QuantizedOutput.of(y.dtype(), zeroPoint.getInt(0));
    int channels = sums.shape().dim(1);
    int area = sums.shape().sizeBetween(2, sums.shape().rank());
    for (int i = 0; i < y.size(); i++) {
      float wScale = scales[scales.length == 1 ? 0 : i / area % channels];
      float multiplier = Quantized.multiplier(xScale, wScale, yScale);
      int sum = (int) (long) sums.values()[i];
      y.setLong(i, output.requantize(sum, multiplier));
    }
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    return Convolution.cost(inputs, outputs, inputs.get(W));
  }
}
