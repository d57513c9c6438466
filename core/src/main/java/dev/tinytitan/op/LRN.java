package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Local response normalization: each element divided by {@code (bias + alpha / size * s) ^ beta},
 * where {@code s} is the sum of squares of its neighbours across channels, {@code [N, C, ...]}
 * (Krizhevsky et al. 2012). ONNX: LRN-13.
 *
 * @param size how many channels are neighbours, the element's own included
 * @param alpha the weight of the neighbours
 * @param beta the exponent
 * @param bias keeps the divisor from 0
 */
public record LRN(int size, float alpha, float beta, float bias) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("LRN", 13)
          .compatibleSince(1)
          .decoder(context ->
              new LRN(
                  context.attributes().getInt("size"),
                  context.attributes().getFloat("alpha", 1e-4f),
                  context.attributes().getFloat("beta", 0.75f),
                  context.attributes().getFloat("bias", 1)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .put("size", size)
        .putUnless(1e-4f, "alpha", alpha)
        .putUnless(0.75f, "beta", beta)
        .putUnless(1f, "bias", bias)
        .build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return Shapes.sameAsInput(context);
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    TensorType result = outputs.get(0);
    long elements = result.isStatic() ? result.shape().size() : 0;
    return new Cost(elements * size, Operator.bytesMoved(inputs, outputs));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor y = context.output(0, x.dtype(), x.shape());
    AxisWalk.forEach(
        x.shape(),
        1,
        (start, stride, length) -> {
          for (int c = 0; c < length; c++) {
            int from = Math.max(0, c - (size - 1) / 2);
            int to = Math.min(length - 1, c + size / 2);
            double squares = 0;
            for (int i = from; i <= to; i++) {
              double neighbour = x.getDouble(start + i * stride);
              squares += neighbour * neighbour;
            }
            int at = start + c * stride;
            y.setDouble(at, x.getDouble(at) / Math.pow(bias + alpha / size * squares, beta));
          }
        });
  }

  /** The sums over neighbouring channels are a product with a matrix of zeros and ones. */
  @Override
  public void gradient(GradientContext context) {
    String x = context.input(0);
    String dy = context.gradient(0);
    Shape shape = context.shape(x);
    int channels = shape.dim(1);
    Shape rows = Shape.of(shape.dim(0), channels, shape.sizeBetween(2, shape.rank()));
    Tensor near = Tensor.zeros(context.type(x).dtype(), Shape.of(channels, channels));
    Tensor back = Tensor.zeros(context.type(x).dtype(), Shape.of(channels, channels));
    for (int c = 0; c < channels; c++) {
      int to = Math.min(channels - 1, c + size / 2);
      for (int i = Math.max(0, c - (size - 1) / 2); i <= to; i++) {
        near.setDouble(c * channels + i, 1);
        back.setDouble(i * channels + c, 1);
      }
    }
    String values = Gradients.reshaped(context, x, rows);
    String gradient = Gradients.reshaped(context, dy, rows);
    String squares = Gradients.product(context, values, values);
    String sums = context.add(new MatMul(), context.constant(near), squares);
    String divisor =
        context.add(
            new Add(),
            Gradients.scaled(context, sums, (double) alpha / size),
            context.scalar(bias, sums));
    String power = context.add(new Pow(), divisor, context.scalar(-beta, divisor));
    String direct = Gradients.product(context, gradient, power);
    String along = context.add(new Div(), Gradients.product(context, direct, values), divisor);
    String others = context.add(new MatMul(), context.constant(back), along);
    String through =
        Gradients.scaled(
            context, Gradients.product(context, values, others), 2.0 * alpha * beta / size);
    context.give(0, Gradients.reshaped(context, context.add(new Sub(), direct, through), shape));
  }
}
