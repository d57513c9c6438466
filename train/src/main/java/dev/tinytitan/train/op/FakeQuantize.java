package dev.tinytitan.train.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.ReduceSum;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * QuantizeLinear and DequantizeLinear in one, with a step that is learned: {@code step *
 * clamp(rint(x / step), low, high)}, halves rounded to even. Its numbers are those that a model in
 * integers will compute with. Internal.
 *
 * <p>Gradients pass straight through where nothing was cut, and are 0 elsewhere (Bengio, Léonard
 * and Courville 2013); that of the step is LSQ's (Esser et al. 2020): {@code rint(x / step) - x /
 * step} inside, {@code low} or {@code high} outside, times {@code 1 / sqrt(N * Q)}, with N the
 * elements that share the step (of one sample, for activations) and Q the larger of {@code -low}
 * and {@code high}.
 *
 * <p>Inputs: {@code x}; {@code relative}, the step by the one to begin with, which is learned; and
 * {@code base}, the step to begin with, constant. The step is {@code base * max(relative,} {@value
 * #LEAST}{@code )}. One step for all, or for each index of an axis. In these terms a step of
 * gradient descent moves {@code step} as LSQ does, and one of Adam by a part of itself, whatever
 * its size.
 *
 * @param low the least level: that of the stored type minus its zero point, at most 0
 * @param high the greatest level, at least 0 and above {@code low}
 * @param axis that of the steps where there are several: 0, or 1 of a matrix
 */
public record FakeQuantize(int low, int high, int axis) implements Operator {
  /** By how much a step may shrink. */
  static final float LEAST = 1f / 64;

  private static final OpSpec SPEC = OpSpec.internal("FakeQuantize").inputs(3).build();

  /** Adding and taking it away rounds a float below 2²² to the nearest whole number, as rint. */
  private static final float ROUNDER = 0x1.8p23f;

  public FakeQuantize {
    if (low > 0 || high < 0 || low == high || axis < 0 || axis > 1) {
      throw new IllegalArgumentException("levels " + low + " to " + high + ", axis " + axis);
    }
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(context.input(0));
  }

  /** The step of an index, from the second and third input. */
  public static float step(float relative, float base) {
    return base * Math.max(relative, LEAST);
  }

  /** The level of a number: a whole number from {@link #low} to {@link #high}; NaN stays NaN. */
  public float level(float x, float step) {
    float cut = Math.max(low, Math.min(high, x / step));
    return (cut + ROUNDER) - ROUNDER;
  }

  /** The derivative by the step. */
  float stepDerivative(float x, float step) {
    float exact = x / step;
    return level(x, step) - passes(exact) * exact;
  }

  /** 1 if a number, in steps, lies within the levels, else 0. */
  float passes(float exact) {
    return exact >= low && exact <= high ? 1 : 0;
  }

  /** Which of {@code steps} steps an element has, in a tensor of this shape. */
  int stepIndex(int element, Shape shape, int steps) {
    return steps == 1 ? 0 : element / shape.sizeBetween(axis + 1, shape.rank()) % steps;
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor relative = context.input(1);
    Tensor base = context.input(2);
    Tensor y = context.output(0, x.dtype(), x.shape());
    for (int i = 0; i < x.size(); i++) {
      int index = stepIndex(i, x.shape(), base.size());
      float step = step(relative.getFloat(index), base.getFloat(index));
      y.setFloat(i, step * level(x.getFloat(i), step));
    }
  }

  @Override
  public void gradient(GradientContext context) {
    List<String> gradients =
        context.addNode(
            new FakeQuantizeGradient(this),
            2,
            List.of(context.gradient(0), context.input(0), context.input(1), context.input(2)));
    context.give(0, gradients.get(0));
    if (context.wants(1)) {
      Tensor base =
          context
              .constant(2)
              .orElseThrow(() -> new IllegalStateException("the base of steps is constant"));
      Shape shape = context.shape(context.input(0));
      int steps = base.size();
      int sharing = steps == 1 ? shape.sizeBetween(1, shape.rank()) : shape.size() / steps;
      double scale = 1 / Math.sqrt(Math.max(1.0, (double) sharing * Math.max(-low, high)));
      float[] factors = new float[steps];
      for (int i = 0; i < steps; i++) {
        factors[i] = (float) (scale / base.getFloat(i));
      }
      String sums = gradients.get(1);
      if (steps == 1) {
        String axes = context.constant(Tensor.of(new long[] {0}));
        sums = context.add(new ReduceSum(true, false), sums, axes);
      }
      context.give(1, context.add(new Mul(), sums, context.constant(Tensor.of(factors))));
    }
  }
}
