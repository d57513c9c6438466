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
 * The gradients of {@link FakeQuantize}: of its input, and of the step, summed over the elements
 * that share it; where all do, over each index of the first dimension. Inputs: the gradient of its
 * output, then its inputs. Internal.
 *
 * @param forward what is differentiated
 */
public record FakeQuantizeGradient(FakeQuantize forward) implements Operator {
  private static final OpSpec SPEC =
      OpSpec.internal("FakeQuantizeGradient").inputs(4).outputs(2, 2).tolerance(5e-5, 1e-5).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType x = context.input(1);
    Shape steps = context.input(3).shape();
    int sums = steps.size() == 1 ? x.shape().dim(0) : steps.size();
    return List.of(x, TensorType.of(x.dtype(), Shape.of(sums)));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor dy = context.input(0);
    Tensor x = context.input(1);
    Tensor relative = context.input(2);
    Tensor base = context.input(3);
    Shape shape = x.shape();
    int steps = base.size();
    Tensor dx = context.output(0, x.dtype(), shape);
    double[] sums = new double[steps == 1 ? shape.dim(0) : steps];
    int row = shape.sizeBetween(1, shape.rank());
    for (int i = 0; i < x.size(); i++) {
      int index = forward.stepIndex(i, shape, steps);
      float step = FakeQuantize.step(relative.getFloat(index), base.getFloat(index));
      float value = x.getFloat(i);
      dx.setFloat(i, dy.getFloat(i) * forward.passes(value / step));
      sums[steps == 1 ? i / row : index] +=
          (double) dy.getFloat(i) * forward.stepDerivative(value, step);
    }
    Doubles.store(sums, context.output(1, x.dtype(), Shape.of(sums.length)));
  }
}
