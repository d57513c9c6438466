package dev.tinytitan.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Elements cut to a range given by two optional scalars; if the least is greater than the greatest,
 * all become the greatest. ONNX: Clip-13; before opset 11 the range was in attributes.
 */
public record Clip() implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Clip", 13).compatibleSince(6).inputs(1, 3).decoder(Clip::decode).build();

  private static Operator decode(ImportContext context) {
    if (context.opset() < 11) {
      bound(context, "min", 1);
      bound(context, "max", 2);
    }
    return new Clip();
  }

  private static void bound(ImportContext context, String name, int index) {
    if (context.attributes().has(name)) {
      DType dtype = context.inputType(0).map(TensorType::dtype).orElse(DType.FLOAT32);
      Tensor bound = Tensor.zeros(dtype, Shape.scalar());
      bound.setFloat(0, context.attributes().getFloat(name, 0));
      context.setInput(index, context.addConstant(name, bound));
    }
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public void export(ExportContext context) {
    for (int bound = 1; bound <= 2; bound++) {
      if (context.constant(bound).filter(value -> value.dtype().isInteger()).isPresent()) {
        context.requireOpset(12);
      }
    }
    context.inputWasAttributeUntil(11, 1, "min", true);
    context.inputWasAttributeUntil(11, 2, "max", true);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return Shapes.sameAsInput(context);
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor y = context.output(0, x.dtype(), x.shape());
    for (int i = 0; i < x.size(); i++) {
      y.copyElement(i, x, i);
      if (context.hasInput(1) && ElementOrder.compare(y, i, context.input(1), 0) < 0) {
        y.copyElement(i, context.input(1), 0);
      }
      if (context.hasInput(2)
          && ElementOrder.compare(y, i, context.input(2), 0) > 0
          && !isNaN(y, i)) {
        y.copyElement(i, context.input(2), 0);
      }
    }
  }

  private static boolean isNaN(Tensor tensor, int index) {
    return tensor.dtype().isFloat() && Double.isNaN(tensor.getDouble(index));
  }

  @Override
  public void gradient(GradientContext context) {
    String x = context.input(0);
    String gradient = context.gradient(0);
    if (context.wants(0)) {
      String same = context.add(new Equal(), x, context.output(0));
      context.give(0, Gradients.product(context, gradient, Gradients.indicator(context, same, x)));
    }
    for (int bound = 1; bound <= 2; bound++) {
      if (context.wants(bound)) {
        String beyond =
            context.add(bound == 1 ? new Less() : new Greater(), x, context.input(bound));
        String cut = Gradients.indicator(context, beyond, x);
        context.give(bound, Gradients.product(context, gradient, cut));
      }
    }
  }
}
