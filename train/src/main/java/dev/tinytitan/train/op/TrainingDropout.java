package dev.tinytitan.train.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Elements set to 0 by chance, the others scaled so that the expectation stays (Srivastava et al.
 * 2014). Which ones depends on the seed, the step and the element's number alone, so the gradient
 * drops the same ones without a stored mask. Inputs: the elements, the step (an int64 scalar).
 * Internal.
 *
 * @param rate how many are dropped, from 0 to below 1
 * @param seed distinguishes the dropouts of a network
 */
public record TrainingDropout(float rate, long seed) implements Operator {
  private static final OpSpec SPEC = OpSpec.internal("TrainingDropout").inputs(2).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(context.input(0));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor y = context.output(0, x.dtype(), x.shape());
    long state = state(context.input(1).getLong(0));
    double factor = 1.0 / (1 - rate);
    for (int i = 0; i < x.size(); i++) {
      y.setDouble(i, keeps(state, i) ? x.getDouble(i) * factor : 0);
    }
  }

  /** What decides about the elements of a step. */
  public long state(long step) {
    return mix(mix(seed) + step);
  }

  /** Whether an element stays. */
  public boolean keeps(long state, int index) {
    return (mix(state + index) >>> 40) * 0x1p-24 >= rate;
  }

  /** The finalizer of SplitMix64 (Steele, Lea and Flood 2014). */
  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  @Override
  public void gradient(GradientContext context) {
    context.give(0, context.add(this, context.gradient(0), context.input(1)));
  }
}
