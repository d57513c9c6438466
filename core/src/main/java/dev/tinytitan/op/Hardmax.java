package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.Tensor;

/**
 * 1 for the first greatest element along one axis, 0 for the others. ONNX: Hardmax-13; the older
 * form is normalized as that of {@link Softmax}.
 */
public record Hardmax(int axis) implements AxisFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Hardmax", 13)
          .decoder(context -> new Hardmax(FlattenedAxis.normalize(context, 13)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public void evalLine(Tensor x, Tensor y, int start, int stride, int length) {
    int best = start;
    for (int i = 0; i < length; i++) {
      int at = start + i * stride;
      y.setBoolean(at, false);
      best = ElementOrder.compare(x, at, x, best) > 0 ? at : best;
    }
    if (length > 0) {
      y.setBoolean(best, true);
    }
  }
}
