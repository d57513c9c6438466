package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Convolution with what follows it: {@code activation(conv(x, w) + bias + residual)}. Inputs: x and
 * weights as {@link Conv} takes them, optionally a bias {@code [M]}, optionally a residual of the
 * output's shape. Internal.
 */
public record FusedConv(Window window, int group, Activation activation) implements Operator {
  static final OpSpec SPEC = OpSpec.internal("FusedConv").inputs(2, 4).build();

  public FusedConv {
    Convolution.requireGroup(group);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return window
        .encode()
        .putUnless(1, "group", group)
        .put("activation", activation.toString())
        .build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType x = context.input(0);
    return List.of(Convolution.infer(x, context.input(1), x.dtype(), window, group));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor w = context.input(1);
    Convolution.Result result =
        Convolution.convolve(
            x.toDoubleArray(), x.shape(), w.toDoubleArray(), w.shape(), window, group);
    if (context.hasInput(2)) {
      Convolution.addBias(result, context.input(2).toDoubleArray());
    }
    finish(context, result.values(), x, result.shape(), activation);
  }

  /** Adds input 3, if there, to the sums, activates them and writes them as output 0. */
  static void finish(
      EvalContext context, double[] sums, Tensor x, Shape shape, Activation activation) {
    if (context.hasInput(3)) {
      Tensor residual = context.input(3);
      if (!residual.shape().equals(shape)) {
        throw new ShapeMismatchException(
            "A residual of shape "
                + residual.shape()
                + " does not fit a result of shape "
                + shape
                + ".");
      }
      for (int i = 0; i < sums.length; i++) {
        sums[i] += residual.getDouble(i);
      }
    }
    Tensor y = context.output(0, x.dtype(), shape);
    for (int i = 0; i < sums.length; i++) {
      y.setDouble(i, activation.isNone() ? sums[i] : activation.apply((float) sums[i]));
    }
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    return Convolution.cost(inputs, outputs, inputs.get(1));
  }
}
