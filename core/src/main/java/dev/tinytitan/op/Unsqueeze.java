package dev.tinytitan.op;

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
import java.util.List;
import java.util.Optional;

/**
 * Dimensions of size 1 inserted so that they stand at the axes of the result that input 1, an int64
 * vector, names. ONNX: Unsqueeze-25; before opset 13 the axes were an attribute.
 */
public record Unsqueeze() implements ViewOperator {
  static final OpSpec SPEC =
      OpSpec.onnx("Unsqueeze", 25)
          .compatibleSince(13)
          .inputs(2)
          .decoder(context -> {
            context.attributeToInput("axes", 1);
            return new Unsqueeze();
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
    Optional<Tensor> axes = context.constant(1);
    if (!input.hasRank()) {
      return List.of(TensorType.unknown(input.dtype()));
    }
    if (axes.isEmpty()) {
      TensorType named = context.input(1);
      return List.of(
          named.isStatic()
              ? TensorType.ofRank(input.dtype(), Dims.rank(input.rank() + named.shape().size()))
              : TensorType.unknown(input.dtype()));
    }
    int rank = input.rank() + axes.get().size();
    boolean[] inserted = Shapes.axes(Indices.saturated(axes.get()), rank);
    List<Dim> dims = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < rank; i++) {
      dims.add(inserted[i] ? Dim.of(1) : input.dim(next++));
    }
    return List.of(input.withDims(dims));
  }

  @Override
  public Shape outputShape(EvalContext context) {
    Shape shape = context.input(0).shape();
    int rank = shape.rank() + context.input(1).size();
    boolean[] inserted = Shapes.axes(Indices.saturated(context.input(1)), rank);
    int[] dims = new int[rank];
    int next = 0;
    for (int i = 0; i < rank; i++) {
      dims[i] = inserted[i] ? 1 : shape.dim(next++);
    }
    return Shape.of(dims);
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveReshaped(context);
  }
}
