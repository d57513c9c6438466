package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Slices of a tensor along an axis, picked by an index tensor of any shape, which takes the axis'
 * place in the result. Inputs: data, indices (int32 or int64; negative ones count from the end).
 * ONNX: Gather-13.
 *
 * @param axis negative counts from the end
 */
public record Gather(int axis) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Gather", 13)
          .compatibleSince(1)
          .inputs(2)
          .decoder(context -> new Gather(context.attributes().getInt("axis", 0)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(0, "axis", axis).build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    Axes.requireOpset(context, axis, 1);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType data = context.input(0);
    TensorType indices = context.input(1);
    if (!data.hasRank()) {
      return List.of(TensorType.unknown(data.dtype()));
    }
    int along = Shapes.axis(axis, data.rank());
    if (!indices.hasRank()) {
      return List.of(TensorType.unknown(data.dtype()));
    }
    List<Dim> dims = new ArrayList<>(data.knownDims().subList(0, along));
    dims.addAll(indices.knownDims());
    dims.addAll(data.knownDims().subList(along + 1, data.rank()));
    return List.of(data.withDims(dims));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor data = context.input(0);
    Tensor indices = context.input(1);
    Shape shape = data.shape();
    int along = Shapes.axis(axis, shape.rank());
    int[] dims = new int[shape.rank() - 1 + indices.shape().rank()];
    for (int i = 0; i < dims.length; i++) {
      int beyond = i - along - indices.shape().rank();
      dims[i] =
          i < along
              ? shape.dim(i)
              : beyond >= 0 ? shape.dim(along + 1 + beyond) : indices.shape().dim(i - along);
    }
    Tensor y = context.output(0, data.dtype(), Shape.of(dims));
    int inner = shape.sizeBetween(along + 1, shape.rank());
    int outer = shape.sizeBetween(0, along);
    int next = 0;
    for (int i = 0; i < outer; i++) {
      for (int j = 0; j < indices.size(); j++) {
        int position = Indices.position(indices, j, shape.dim(along));
        int from = (i * shape.dim(along) + position) * inner;
        y.copyElements(next, data, from, inner);
        next += inner;
      }
    }
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveMoved(context);
  }
}
