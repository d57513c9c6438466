package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
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
 * The upper or lower triangle of the matrices in the last two dimensions; the rest is zero. Input
 * 1, an int64 scalar (optional: 0), says how many diagonals above the main one the triangle ends or
 * starts at. ONNX: Trilu-14.
 */
public record Trilu(boolean upper) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Trilu", 14)
          .inputs(1, 2)
          .decoder(context -> new Trilu(context.attributes().getBoolean("upper", true)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(true, "upper", upper).build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (input.hasRank()) {
      requireMatrix(input.rank());
    }
    return Shapes.sameAsInput(context);
  }

  private static void requireMatrix(int rank) {
    if (rank < 2) {
      throw new ShapeMismatchException(
          "A triangle needs matrices, but the tensor has " + rank + " dimensions.");
    }
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    requireMatrix(x.shape().rank());
    long diagonal = context.hasInput(1) ? Indices.scalar(context.input(1), "k") : 0;
    Tensor zero = Tensor.zeros(x.dtype(), Shape.scalar());
    Tensor y = context.output(0, x.dtype(), x.shape());
    int rows = x.shape().dim(-2);
    int columns = x.shape().dim(-1);
    for (int i = 0; i < x.size(); i++) {
      int row = i / columns % rows;
      int above = i % columns - row;
      if (upper ? above >= diagonal : above <= diagonal) {
        y.copyElement(i, x, i);
      } else {
        y.copyElement(i, zero, 0);
      }
    }
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveMoved(context);
  }
}
