package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Elements brought to mean 0 and variance 1 over all dimensions from an axis on, then scaled and
 * shifted (Ba et al. 2016). Inputs: the elements, scale, optional bias, both broadcast. Outputs:
 * the result and, if wanted, mean and inverse standard deviation. ONNX: LayerNormalization-17.
 *
 * @param axis the first normalized dimension; negative counts from the end
 * @param epsilon added to the variance
 * @param stashType the type of the second and third output
 */
public record LayerNormalization(int axis, float epsilon, DType stashType) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("LayerNormalization", 17)
          .inputs(2, 3)
          .outputs(1, 3)
          .decoder(context ->
              new LayerNormalization(
                  context.attributes().getInt("axis", -1),
                  context.attributes().getFloat("epsilon", 1e-5f),
                  ElementTypes.get(context.attributes(), "stash_type", DType.FLOAT32)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(-1, "axis", axis)
        .putUnless(1e-5f, "epsilon", epsilon)
        .putUnless(DType.FLOAT32.onnxNumber(), "stash_type", stashType.onnxNumber())
        .build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    TensorType statistics = TensorType.unknown(stashType);
    if (input.hasRank()) {
      int from = Shapes.axis(axis, input.rank());
      List<Dim> dims = new ArrayList<>(input.knownDims());
      dims.subList(from, dims.size()).replaceAll(dim -> Dim.of(1));
      statistics = statistics.withDims(dims);
    }
    return List.of(input, statistics, statistics);
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor scale = context.input(1);
    Tensor bias = context.hasInput(2) ? context.input(2) : null;
    Shape shape = x.shape();
    int from = Shapes.axis(axis, shape.rank());
    Shape statistics = shape;
    for (int i = from; i < shape.rank(); i++) {
      statistics = statistics.withDim(i, 1);
    }
    Tensor y = context.output(0, x.dtype(), shape);
    Tensor means = Tensor.zeros(stashType, statistics);
    Tensor inverses = Tensor.zeros(stashType, statistics);
    int length = shape.sizeBetween(from, shape.rank());
    Broadcast walk =
        new Broadcast(shape, scale.shape(), bias == null ? scale.shape() : bias.shape());
    for (int row = 0; row < statistics.size(); row++) {
      Moments moments = Moments.of(x, row * length, length);
      double inverse = 1 / Math.sqrt(moments.variance() + epsilon);
      means.setDouble(row, moments.mean());
      inverses.setDouble(row, inverse);
      for (int i = row * length; i < (row + 1) * length; i++, walk.next()) {
        // Rounded to the element type before scaling, as the ONNX function says.
        double normalized =
            ElementTypes.round((x.getDouble(i) - moments.mean()) * inverse, x.dtype());
        double scaled = normalized * scale.getDouble(walk.index(0));
        y.setDouble(i, bias == null ? scaled : scaled + bias.getDouble(walk.index(1)));
      }
    }
    if (context.wantsOutput(1)) {
      context.setOutput(1, means);
    }
    if (context.wantsOutput(2)) {
      context.setOutput(2, inverses);
    }
  }

  @Override
  public void gradient(GradientContext context) {
    if (context.hasGradient(1) || context.hasGradient(2)) {
      context.refuse("its mean and inverse deviation are used for something else");
      return;
    }
    Shape shape = context.shape(context.input(0));
    String gradient = context.gradient(0);
    Gradients.Normalized normalized =
        Gradients.normalized(
            context,
            context.input(0),
            Gradients.product(context, gradient, context.input(1)),
            epsilon,
            true,
            Gradients.axesFrom(Shapes.axis(axis, shape.rank()), shape.rank()));
    context.give(0, normalized.gradient());
    if (context.wants(1)) {
      context.give(1, Gradients.product(context, gradient, normalized.result()));
    }
    if (context.hasInput(2)) {
      context.give(2, gradient);
    }
  }
}
