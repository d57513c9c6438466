package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.Tensor;

/**
 * Logarithm of softmax along one axis: {@code x - max - log(sum(exp(x - max)))}. ONNX:
 * LogSoftmax-13; the older form is normalized as that of {@link Softmax}.
 */
public record LogSoftmax(int axis) implements AxisFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("LogSoftmax", 13)
          .decoder(context -> new LogSoftmax(FlattenedAxis.normalize(context, 13)))
          .build();

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
    double log = Math.log(sum);
    for (int i = 0; i < length; i++) {
      y.setDouble(start + i * stride, x.getDouble(start + i * stride) - max - log);
    }
  }

  @Override
  public void gradient(GradientContext context) {
    String gradient = context.gradient(0);
    String share = context.add(new Exp(), context.output(0));
    String sum = Gradients.sum(context, gradient, axis);
    context.give(0, context.add(new Sub(), gradient, Gradients.product(context, share, sum)));
  }
}
