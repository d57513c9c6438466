package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Dimensions of size 1 removed: those that input 1, an int64 vector, names, or all of them. ONNX:
 * Squeeze-25; before opset 13 the axes were an attribute.
 */
public record Squeeze() implements ViewOperator {
  static final OpSpec SPEC =
      OpSpec.onnx("Squeeze", 25)
          .compatibleSince(13)
          .inputs(1, 2)
          .decoder(context -> {
            context.attributeToInput("axes", 1);
            return new Squeeze();
          })
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    Axes.export(context, 1, 13);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (!input.hasRank()) {
      return List.of(TensorType.unknown(input.dtype()));
    }
    if (!context.hasInput(1)) {
      return List.of(
          input.isStatic()
              ? TensorType.of(input.dtype(), squeezeAll(input.shape()))
              : TensorType.unknown(input.dtype()));
    }
    Optional<Tensor> axes = context.constant(1);
    if (axes.isEmpty()) {
      TensorType named = context.input(1);
      return List.of(
          named.isStatic()
              ? TensorType.ofRank(input.dtype(), Math.max(0, input.rank() - named.shape().size()))
              : TensorType.unknown(input.dtype()));
    }
    boolean[] squeezed = Shapes.axes(Indices.saturated(axes.get()), input.rank());
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < input.rank(); i++) {
      if (!squeezed[i]) {
        dims.add(input.dim(i));
      } else if (input.dim(i).isFixed() && input.dim(i).size() != 1) {
        throw notOne(i, input.dim(i).size());
      }
    }
    return List.of(input.withDims(dims));
  }

  @Override
  public Shape outputShape(EvalContext context) {
    Shape shape = context.input(0).shape();
    if (!context.hasInput(1)) {
      return squeezeAll(shape);
    }
    boolean[] squeezed = Shapes.axes(Indices.saturated(context.input(1)), shape.rank());
    List<Integer> dims = new ArrayList<>();
    for (int i = 0; i < shape.rank(); i++) {
      if (!squeezed[i]) {
        dims.add(shape.dim(i));
      } else if (shape.dim(i) != 1) {
        throw notOne(i, shape.dim(i));
      }
    }
    return Shape.of(dims.stream().mapToInt(Integer::intValue).toArray());
  }

  private static Shape squeezeAll(Shape shape) {
    int[] dims = shape.toArray();
    return Shape.of(Arrays.stream(dims).filter(dim -> dim != 1).toArray());
  }

  private static ShapeMismatchException notOne(int axis, int size) {
    return new ShapeMismatchException(
        "Dimension " + axis + " cannot be squeezed: its size is " + size + ", not 1.");
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveReshaped(context);
  }
}
