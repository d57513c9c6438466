package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;
import java.util.Arrays;

/**
 * Mean along axes, NaN of nothing (0 for integers, whose mean is cut towards zero). ONNX:
 * ReduceMean-18.
 *
 * @param keepDims whether reduced axes stay with size 1
 * @param noopWithEmptyAxes whether no axes mean that nothing is reduced
 */
public record ReduceMean(boolean keepDims, boolean noopWithEmptyAxes) implements Reduction {
  static final OpSpec SPEC = Reduction.spec("ReduceMean", 18, ReduceMean::new);

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double reduce(double[] elements) {
    return Arrays.stream(elements).sum() / elements.length;
  }

  @Override
  public long reduce(long[] elements, DType dtype) {
    return elements.length == 0 ? 0 : Arrays.stream(elements).sum() / elements.length;
  }

  @Override
  public void gradient(GradientContext context) {
    double share =
        (double) context.shape(context.output(0)).size() / context.shape(context.input(0)).size();
    String gradient = Gradients.unreduced(context, context.gradient(0), this);
    context.give(
        0,
        Gradients.expanded(
            context, Gradients.scaled(context, gradient, share), context.shape(context.input(0))));
  }
}
