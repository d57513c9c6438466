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
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of a convolution's weights. Inputs: the gradient of its output {@code [N, M,
 * spatial…]}, and its input {@code [N, C, spatial…]}. Internal.
 *
 * @param conv the convolution
 * @param shape the shape of its weights
 */
public record ConvWeightGradient(Conv conv, Shape shape) implements Operator {
  private static final OpSpec SPEC =
      OpSpec.internal("ConvWeightGradient").inputs(2).tolerance(2e-5, 1e-6).build();

  /** One product of a convolution: where its factors and its sum lie. */
  @FunctionalInterface
  interface Product {
    /** Flat indices into the convolution's input, weights and output. */
    void accept(int input, int weight, int output);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  /** Where a convolution's windows lie. */
  static WindowGeometry geometry(Conv conv, Shape input, Shape weights) {
    return conv.window().geometry(input, Arrays.stream(weights.toArray()).skip(2).boxed().toList());
  }

  /** Where the convolution's windows lie, for an input of this shape. */
  public WindowGeometry geometry(Shape input) {
    return geometry(conv, input, shape);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(TensorType.of(context.input(0).dtype(), shape));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor dyTensor = context.input(0);
    Shape input = context.input(1).shape();
    double[] dy = dyTensor.toDoubleArray();
    double[] x = context.input(1).toDoubleArray();
    double[] dw = new double[shape.size()];
    forEachProduct(
        conv,
        input,
        shape,
        geometry(input),
        (in, weight, output) -> dw[weight] += dy[output] * x[in]);
    Doubles.store(dw, context.output(0, dyTensor.dtype(), shape));
  }

  /** Visits every product of a convolution, in a fixed order. */
  static void forEachProduct(
      Conv conv, Shape input, Shape weights, WindowGeometry geometry, Product visitor) {
    int groupChannels = weights.dim(1);
    int groupFilters = weights.dim(0) / conv.group();
    int taps = geometry.kernelSize();
    int positions = geometry.outputSize();
    int area = geometry.inputSize();
    int[] offsets = new int[Math.max(1, taps)];
    for (int position = 0; position < positions; position++) {
      geometry.inputOffsets(position, offsets);
      for (int image = 0; image < input.dim(0); image++) {
        for (int filter = 0; filter < weights.dim(0); filter++) {
          int output = (image * weights.dim(0) + filter) * positions + position;
          int firstChannel = filter / groupFilters * groupChannels;
          for (int channel = 0; channel < groupChannels; channel++) {
            int plane = (image * input.dim(1) + firstChannel + channel) * area;
            int kernel = (filter * groupChannels + channel) * taps;
            for (int tap = 0; tap < taps; tap++) {
              if (offsets[tap] >= 0) {
                visitor.accept(plane + offsets[tap], kernel + tap, output);
              }
            }
          }
        }
      }
    }
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    return cost(inputs, outputs, inputs.get(0), outputs.get(0));
  }

  /** One multiply-add for each element of the output's gradient and weight of its filter. */
  static Cost cost(
      List<@Nullable TensorType> inputs,
      List<TensorType> outputs,
      @Nullable TensorType dy,
      @Nullable TensorType weights) {
    long products =
        dy == null || weights == null || weights.shape().dim(0) == 0
            ? 0
            : (long) dy.shape().size() * (weights.shape().size() / weights.shape().dim(0));
    return new Cost(products, Operator.bytesMoved(inputs, outputs));
  }
}
