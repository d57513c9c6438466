package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import java.util.List;

/**
 * A matrix of the dimensions before an axis by those from it on. ONNX: Flatten-25.
 *
 * @param axis from {@code -rank} to {@code rank}; negative counts from the end
 */
public record Flatten(int axis) implements ViewOperator {
  static final OpSpec SPEC =
      OpSpec.onnx("Flatten", 25)
          .compatibleSince(11)
          .decoder(new FrequentDecoder("Flatten"))
          .build();

  static Operator decode(ImportContext context) {
    return new Flatten(context.attributes().getInt("axis", 1));
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(1, "axis", axis).build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(axis >= 0 ? 1 : 11);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (!input.hasRank()) {
      return List.of(TensorType.ofRank(input.dtype(), 2));
    }
    int split = split(input.rank());
    return List.of(
        input.withDims(
            List.of(
                product(input.knownDims().subList(0, split)),
                product(input.knownDims().subList(split, input.rank())))));
  }

  private static Dim product(List<Dim> dims) {
    if (dims.size() == 1) {
      return dims.get(0);
    }
    int[] sizes = new int[dims.size()];
    for (int i = 0; i < sizes.length; i++) {
      if (!dims.get(i).isFixed()) {
        return Dim.UNKNOWN;
      }
      sizes[i] = dims.get(i).size();
    }
    return Dim.of(Shape.of(sizes).size());
  }

  @Override
  public Shape outputShape(EvalContext context) {
    Shape shape = context.input(0).shape();
    int split = split(shape.rank());
    return Shape.of(shape.sizeBetween(0, split), shape.sizeBetween(split, shape.rank()));
  }

  private int split(int rank) {
    return axis == rank ? rank : Shapes.axis(axis, rank);
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveReshaped(context);
  }
}
