package dev.tinytitan.op;

import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * One element repeated to a shape, given as an int64 vector. ONNX: ConstantOfShape-25.
 *
 * @param value a tensor of one element
 */
public record ConstantOfShape(Tensor value) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("ConstantOfShape", 25)
          .compatibleSince(9)
          .decoder(context ->
              new ConstantOfShape(
                  context.attributes().getTensor("value").orElse(ConstantOfShape.zero())))
          .build();

  /** Checks that there is one element. */
  public ConstantOfShape {
    Indices.requireOne(value, "value");
  }

  private static Tensor zero() {
    return Tensor.of(new float[1]);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return value.equals(zero())
        ? Attributes.none()
        : Attributes.builder().put("value", new Attribute.OfTensor(value)).build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    long[] sizes = Shapes.constantLongs(context, 0);
    if (sizes == null) {
      return List.of(Dims.describedBy(value.dtype(), context.input(0)));
    }
    List<Dim> dims = new ArrayList<>();
    for (long size : sizes) {
      dims.add(Dims.of(size));
    }
    return List.of(new TensorType(value.dtype(), dims));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor y = context.output(0, value.dtype(), Shape.of(context.input(0).toLongArray()));
    for (int i = 0; i < y.size(); i++) {
      y.copyElement(i, value, 0);
    }
  }
}
