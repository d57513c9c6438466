package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * A tensor with slices replaced or reduced, named by index tuples in the last dimension of an int64
 * tensor; negative indices count from the end. Inputs: data, indices, updates. Duplicate indices
 * take effect in row-major order. ONNX: ScatterND-18.
 */
public record ScatterND(ScatterReduction reduction) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("ScatterND", 18)
          .compatibleSince(11)
          .inputs(3)
          .decoder(context ->
              new ScatterND(Labels.attribute(context, "reduction", ScatterReduction.NONE)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless("none", "reduction", Labels.of(reduction)).build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    reduction.export(context);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType data = context.input(0);
    TensorType indices = context.input(1);
    Shapes.requireSameDType(data, context.input(2));
    if (data.hasRank() && indices.hasRank() && indices.rank() > 0 && indices.dim(-1).isFixed()) {
      TupleIndices.requireTuple(data.rank(), indices.dim(-1).size());
    }
    return Shapes.sameAsInput(context);
  }

  @Override
  public void eval(EvalContext context) {
    Tensor data = context.input(0);
    Tensor updates = context.input(2);
    TupleIndices tuples = new TupleIndices(data.shape(), context.input(1), 0);
    if (!updates.shape().equals(tuples.slicesShape())) {
      throw new ShapeMismatchException(
          "Updates of shape "
              + updates.shape()
              + " should have shape "
              + tuples.slicesShape()
              + ".");
    }
    Tensor y = context.output(0, data.dtype(), data.shape());
    y.copyFrom(data);
    if (updates.size() == 0) {
      return;
    }
    int size = tuples.sliceSize();
    for (int i = 0; i < tuples.count(); i++) {
      int start = tuples.sliceStart(i);
      for (int j = 0; j < size; j++) {
        reduction.apply(y, start + j, updates, i * size + j);
      }
    }
  }

  @Override
  public void gradient(GradientContext context) {
    boolean adds = reduction == ScatterReduction.ADD;
    if (!adds && reduction != ScatterReduction.NONE) {
      context.refuse("only replacing and adding have a gradient, not " + Labels.of(reduction));
      return;
    }
    String gradient = context.gradient(0);
    String indices = context.input(1);
    if (context.wants(0) && !adds) {
      String zeros =
          Gradients.expanded(context, context.scalar(0, gradient), context.shape(context.input(2)));
      context.give(0, context.add(new ScatterND(ScatterReduction.NONE), gradient, indices, zeros));
    } else {
      context.give(0, gradient);
    }
    if (context.wants(2)) {
      context.give(2, context.add(new GatherND(0), gradient, indices));
    }
  }
}
