package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
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
 * A matrix in the input's shape with ones on a diagonal and zeros elsewhere. ONNX: EyeLike-22.
 *
 * @param dtype the result's type; null for the input's
 * @param diagonal how far above the main diagonal the ones stand; below, if negative
 */
public record EyeLike(@Nullable DType dtype, int diagonal) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("EyeLike", 22)
          .compatibleSince(9)
          .decoder(context ->
              new EyeLike(
                  ElementTypes.optional(context.attributes(), "dtype"),
                  context.attributes().getInt("k", 0)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(0, "dtype", dtype == null ? 0 : dtype.onnxNumber())
        .putUnless(0, "k", diagonal)
        .build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(dtype == null ? context.input(0) : context.input(0).withDType(dtype));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor y = context.output(0, dtype == null ? x.dtype() : dtype, x.shape());
    int columns = x.shape().dim(1);
    for (int i = 0; i < y.size(); i++) {
      y.setBoolean(i, i % columns - i / columns == diagonal);
    }
  }
}
