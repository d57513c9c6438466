package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
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
 * Tensors one after the other along an axis; their other dimensions are the same. ONNX: Concat-13.
 *
 * @param axis negative counts from the end
 */
public record Concat(int axis) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Concat", 13)
          .compatibleSince(4)
          .inputs(1, Integer.MAX_VALUE)
          .decoder(context -> new Concat(context.attributes().getInt("axis")))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().put("axis", axis).build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    Axes.requireOpset(context, axis, 4);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType first = context.input(0);
    List<Dim> dims = null;
    for (int i = 0; i < context.inputCount(); i++) {
      TensorType input = context.input(i);
      Shapes.requireSameDType(first, input);
      if (input.hasRank()) {
        dims = dims == null ? Dims.unknown(input.rank()) : dims;
        requireSameRank(dims.size(), input.rank());
      }
    }
    if (dims == null) {
      return List.of(TensorType.unknown(first.dtype()));
    }
    int along = Shapes.axis(axis, dims.size());
    Dim sum = Dim.of(0);
    for (int i = 0; i < context.inputCount(); i++) {
      TensorType input = context.input(i);
      sum = Dims.plus(sum, input.hasRank() ? input.dim(along) : Dim.UNKNOWN);
      for (int j = 0; j < dims.size() && input.hasRank(); j++) {
        if (j != along) {
          dims.set(j, Dims.same(dims.get(j), input.dim(j)));
        }
      }
    }
    dims.set(along, sum);
    return List.of(first.withDims(dims));
  }

  @Override
  public void eval(EvalContext context) {
    List<Tensor> parts = new ArrayList<>();
    for (int i = 0; i < context.inputCount(); i++) {
      parts.add(context.input(i));
    }
    Shape shape = shape(parts.stream().map(Tensor::shape).toList(), axis);
    Tensor y = context.output(0, parts.get(0).dtype(), shape);
    int along = Shapes.axis(axis, shape.rank());
    int[] strides = shape.strides();
    int start = 0;
    for (Tensor part : parts) {
      StridedCopy.copy(part.shape().toArray(), y, start, strides, part, 0, part.shape().strides());
      start += part.shape().dim(along) * strides[along];
    }
  }

  /**
   * The shape of what these shapes give along an axis.
   *
   * @throws ShapeMismatchException if they do not fit
   */
  static Shape shape(List<Shape> parts, int axis) {
    Shape first = parts.get(0);
    int along = Shapes.axis(axis, first.rank());
    long sum = 0;
    for (Shape part : parts) {
      requireSameRank(first.rank(), part.rank());
      if (!part.withDim(along, first.dim(along)).equals(first)) {
        throw new ShapeMismatchException(
            "Shapes " + first + " and " + part + " do not fit along axis " + axis + ".");
      }
      sum += part.dim(along);
    }
    long[] dims = first.toLongArray();
    dims[along] = sum;
    return Shape.of(dims);
  }

  private static void requireSameRank(int first, int other) {
    if (first != other) {
      throw new ShapeMismatchException(
          "Tensors of " + first + " and of " + other + " dimensions cannot be concatenated.");
    }
  }

  @Override
  public void gradient(GradientContext context) {
    int start = 0;
    for (int i = 0; i < context.node().inputs().size(); i++) {
      int length = context.shape(context.input(i)).dim(axis);
      if (context.wants(i)) {
        context.give(
            i,
            context.add(
                new Slice(),
                context.gradient(0),
                Gradients.longs(context, start),
                Gradients.longs(context, start + length),
                Gradients.longs(context, axis)));
      }
      start += length;
    }
  }
}
