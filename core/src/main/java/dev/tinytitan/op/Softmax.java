package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.tensor.Tensor;

/**
 * Softmax along one axis: {@code exp(x - max) / sum(exp(x - max))}. ONNX: Softmax-13; the older
 * form, which flattens the input to two dimensions at the axis, is normalized on import.
 */
public record Softmax(int axis) implements AxisFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Softmax", 13).decoder(new FrequentDecoder("Softmax")).build();

  static Operator decode(ImportContext context) {
    return new Softmax(FlattenedAxis.normalize(context, 13));
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public void evalLine(Tensor x, Tensor y, int start, int stride, int length) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < length; i++) {
      max = Math.max(max, x.getDouble(start + i * stride));
    }
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += Math.exp(x.getDouble(start + i * stride) - max);
    }
    for (int i = 0; i < length; i++) {
      y.setDouble(start + i * stride, Math.exp(x.getDouble(start + i * stride) - max) / sum);
    }
  }

  @Override
  public void gradient(GradientContext context) {
    String y = context.output(0);
    String weighted = Gradients.product(context, context.gradient(0), y);
    String sum = Gradients.sum(context, weighted, axis);
    context.give(0, context.add(new Sub(), weighted, Gradients.product(context, y, sum)));
  }
}
