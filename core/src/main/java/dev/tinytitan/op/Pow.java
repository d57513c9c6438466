package dev.tinytitan.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Element-wise power with broadcasting; the result has the dtype of the base, whatever that of the
 * exponent. Integers to integers are exact and wrap; an integer to a negative power is cut towards
 * zero. ONNX: Pow-15.
 */
public record Pow() implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Pow", 15)
          .compatibleSince(7)
          .inputs(2)
          .decoder(context -> new Pow())
          .valueDomain(0.1, 3)
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType base = context.input(0);
    return List.of(base.withDims(Shapes.broadcast(base.dims(), context.input(1).dims())));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor base = context.input(0);
    Tensor exponent = context.input(1);
    Shape shape = Shapes.broadcast(base.shape(), exponent.shape());
    Tensor y = context.output(0, base.dtype(), shape);
    Broadcast pairs = new Broadcast(shape, base.shape(), exponent.shape());
    boolean exact = base.dtype().isInteger() && exponent.dtype().isInteger();
    for (int i = 0; i < y.size(); i++, pairs.next()) {
      if (exact) {
        y.setLong(i, power(base.getLong(pairs.index(0)), exponent.getLong(pairs.index(1))));
      } else {
        y.setDouble(
            i, Math.pow(base.getDouble(pairs.index(0)), exponent.getDouble(pairs.index(1))));
      }
    }
  }

  private static long power(long base, long exponent) {
    if (exponent < 0) {
      return base == 1 || base == -1 ? ((exponent & 1) == 0 ? 1 : base) : 0;
    }
    long result = 1;
    long square = base;
    for (long rest = exponent; rest > 0; rest >>= 1) {
      if ((rest & 1) != 0) {
        result *= square;
      }
      square *= square;
    }
    return result;
  }

  @Override
  public void gradient(GradientContext context) {
    String base = context.input(0);
    String exponent = context.input(1);
    if (context.type(base).dtype() != context.type(exponent).dtype()) {
      exponent = context.add(new Cast(context.type(base).dtype()), exponent);
    }
    if (context.wants(0)) {
      String less = context.add(new Sub(), exponent, context.scalar(1, base));
      String slope = Gradients.product(context, exponent, context.add(new Pow(), base, less));
      context.give(0, Gradients.product(context, context.gradient(0), slope));
    }
    if (context.wants(1)) {
      String slope = Gradients.product(context, context.output(0), context.add(new Log(), base));
      context.give(1, Gradients.product(context, context.gradient(0), slope));
    }
  }
}
