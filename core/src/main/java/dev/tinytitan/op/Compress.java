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
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The slices along an axis, or the elements of the flattened input, whose condition is true.
 * Inputs: data, condition (a bool vector; what is beyond its end is left out). ONNX: Compress-11.
 *
 * @param axis negative counts from the end; null to flatten
 */
public record Compress(@Nullable Integer axis) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Compress", 11)
          .compatibleSince(9)
          .inputs(2)
          .decoder(context ->
              new Compress(
                  context.attributes().has("axis") ? context.attributes().getInt("axis") : null))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return axis == null ? Attributes.none() : Attributes.builder().put("axis", axis).build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    Axes.requireOpset(context, axis == null ? 0 : axis, 9);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (axis != null && !input.hasRank()) {
      return List.of(TensorType.unknown(input.dtype()));
    }
    Dim count =
        context
            .constant(1)
            .map(condition -> Dim.of(selected(condition).length))
            .orElse(Dim.UNKNOWN);
    if (axis == null) {
      return List.of(input.withDims(List.of(count)));
    }
    List<Dim> dims = new ArrayList<>(input.knownDims());
    dims.set(Shapes.axis(axis, input.rank()), count);
    return List.of(input.withDims(dims));
  }

  /** The indices of true elements. */
  private static int[] selected(Tensor condition) {
    int[] places = new int[condition.size()];
    int count = 0;
    for (int i = 0; i < condition.size(); i++) {
      if (condition.getBoolean(i)) {
        places[count++] = i;
      }
    }
    return Arrays.copyOf(places, count);
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Shape shape = axis == null ? Shape.of(x.size()) : x.shape();
    int along = axis == null ? 0 : Shapes.axis(axis, shape.rank());
    int[] selected = selected(context.input(1));
    if (selected.length > 0 && selected[selected.length - 1] >= shape.dim(along)) {
      throw new ShapeMismatchException(
          "The condition selects index "
              + selected[selected.length - 1]
              + " of a dimension of "
              + shape.dim(along)
              + ".");
    }
    Tensor y = context.output(0, x.dtype(), shape.withDim(along, selected.length));
    int inner = shape.sizeBetween(along + 1, shape.rank());
    int outer = shape.sizeBetween(0, along);
    int next = 0;
    for (int i = 0; i < outer; i++) {
      for (int place : selected) {
        y.copyElements(next, x, (i * shape.dim(along) + place) * inner, inner);
        next += inner;
      }
    }
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveMoved(context);
  }
}
