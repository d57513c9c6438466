package dev.tinytitan.train.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * The gradient of {@link NearestValue} by its codebook: for each value the sum over the elements
 * that have it, times the scale. Inputs: the gradient of its first output, its second output, its
 * scale. Internal.
 *
 * @param count values of the codebook, 1 to {@link Codebook#MOST}
 */
public record NearestValueGradient(int count) implements Operator {
  private static final OpSpec SPEC =
      OpSpec.internal("NearestValueGradient").inputs(3).tolerance(1e-5, 1e-5).build();

  public NearestValueGradient {
    if (count < 1 || count > Codebook.MOST) {
      throw new IllegalArgumentException(
          "a codebook has 1 to " + Codebook.MOST + " values, not " + count);
    }
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(TensorType.of(context.input(0).dtype(), Shape.of(count)));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor dy = context.input(0);
    Tensor which = context.input(1);
    double scale = context.input(2).getDouble(0);
    double[] sums = new double[count];
    for (int i = 0; i < dy.size(); i++) {
      sums[which.getInt(i)] += dy.getDouble(i) * scale;
    }
    Doubles.store(sums, context.output(0, dy.dtype(), Shape.of(count)));
  }
}
