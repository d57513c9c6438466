package dev.tinytitan.train.op;

import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of a convolution's input. Inputs: the gradient of its output {@code [N, M,
 * spatial…]}, and its weights {@code [M, C / group, kernel…]}. Internal.
 *
 * @param conv the convolution
 * @param shape the shape of its input
 */
public record ConvInputGradient(Conv conv, Shape shape) implements Operator {
  private static final OpSpec SPEC = OpSpec.internal("ConvInputGradient").inputs(2).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  /** Where the convolution's windows lie, for weights of this shape. */
  public WindowGeometry geometry(Shape weights) {
    return ConvWeightGradient.geometry(conv, shape, weights);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(TensorType.of(context.input(0).dtype(), shape));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor dyTensor = context.input(0);
    Shape weights = context.input(1).shape();
    double[] dy = dyTensor.toDoubleArray();
    double[] w = context.input(1).toDoubleArray();
    double[] dx = new double[shape.size()];
    ConvWeightGradient.forEachProduct(
        conv,
        shape,
        weights,
        geometry(weights),
        (input, weight, output) -> dx[input] += dy[output] * w[weight]);
    Doubles.store(dx, context.output(0, dyTensor.dtype(), shape));
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    return ConvWeightGradient.cost(inputs, outputs, inputs.get(0), inputs.get(1));
  }
}
