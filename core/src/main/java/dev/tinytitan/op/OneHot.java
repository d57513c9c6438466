package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Each index as a line of off-values with one on-value at its place. Inputs: indices (any number
 * type, cut to integers; negative ones count from the depth; those outside give a line of
 * off-values), depth (one element), values (off, on). ONNX: OneHot-11.
 *
 * @param axis the result's axis that the lines lie along; negative counts from its end
 */
public record OneHot(int axis) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("OneHot", 11)
          .compatibleSince(9)
          .inputs(3)
          .decoder(context -> new OneHot(context.attributes().getInt("axis", -1)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(-1, "axis", axis).build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType indices = context.input(0);
    TensorType values = context.input(2);
    if (!indices.hasRank()) {
      return List.of(TensorType.unknown(values.dtype()));
    }
    List<Dim> dims = new ArrayList<>(indices.knownDims());
    dims.add(
        Shapes.axis(axis, indices.rank() + 1),
        context.constant(1).map(depth -> Dim.of(depth(depth))).orElse(Dim.UNKNOWN));
    return List.of(values.withDims(dims));
  }

  private static int depth(Tensor depth) {
    long value = Indices.scalar(depth, "depth");
    if (value < 0) {
      throw new ShapeMismatchException("A depth of " + value + " is negative.");
    }
    return Dims.of(value).size();
  }

  @Override
  public void eval(EvalContext context) {
    Tensor indices = context.input(0);
    int depth = depth(context.input(1));
    Tensor values = context.input(2);
    if (values.size() != 2) {
      throw new ShapeMismatchException(
          "Input 'values' should hold an off-value and an on-value, but has shape "
              + values.shape()
              + ".");
    }
    Shape shape = indices.shape();
    int along = Shapes.axis(axis, shape.rank() + 1);
    int[] dims = new int[shape.rank() + 1];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = i < along ? shape.dim(i) : i == along ? depth : shape.dim(i - 1);
    }
    Tensor y = context.output(0, values.dtype(), Shape.of(dims));
    int inner = shape.sizeBetween(along, shape.rank());
    for (int i = 0; i < y.size(); i++) {
      int place = i / inner % depth;
      long index = indices.getLong(i / inner / depth * inner + i % inner);
      long hot = index < 0 ? index + depth : index;
      y.copyElement(i, values, hot == place ? 1 : 0);
    }
  }
}
