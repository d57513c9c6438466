package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * A key or value cache with new entries written along its sequence axis, for each batch element
 * from its own index on. Inputs: cache, update (shorter along the axis), write indices (int64, one
 * for each batch element; optional: 0). ONNX: TensorScatter-24.
 *
 * @param axis the sequence axis, not the first; negative counts from the end
 */
public record TensorScatter(int axis, Mode mode) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("TensorScatter", 24)
          .inputs(2, 3)
          .decoder(context ->
              new TensorScatter(
                  context.attributes().getInt("axis", -2),
                  Labels.attribute(context, "mode", Mode.LINEAR)))
          .build();

  /** What happens at the end of the cache. */
  public enum Mode {
    /** Entries must fit. */
    LINEAR,
    /** Entries go on at the front. */
    CIRCULAR
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(-2, "axis", axis)
        .putUnless("linear", "mode", Labels.of(mode))
        .build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    Shapes.requireSameDType(context.input(0), context.input(1));
    return Shapes.sameAsInput(context);
  }

  @Override
  public void eval(EvalContext context) {
    Tensor cache = context.input(0);
    Tensor update = context.input(1);
    Shape shape = cache.shape();
    int along = Shapes.axis(axis, shape.rank());
    int length = update.shape().rank() == shape.rank() ? update.shape().dim(along) : -1;
    int capacity = shape.dim(along);
    if (along == 0
        || length < 0
        || length > capacity
        || !update.shape().equals(shape.withDim(along, length))) {
      throw new ShapeMismatchException(
          "An update of shape "
              + update.shape()
              + " does not fit a cache of shape "
              + shape
              + " along axis "
              + axis
              + ".");
    }
    Tensor y = context.output(0, cache.dtype(), shape);
    y.copyFrom(cache);
    int inner = shape.sizeBetween(along + 1, shape.rank());
    int perBatch = shape.sizeBetween(1, along);
    for (int prefix = 0; prefix < shape.dim(0) * perBatch; prefix++) {
      long first = context.hasInput(2) ? context.input(2).getLong(prefix / perBatch) : 0;
      if (first < 0 || (mode == Mode.LINEAR && first + length > capacity)) {
        throw new ShapeMismatchException(
            "Entries "
                + first
                + " to "
                + (first + length)
                + " are beyond a cache of "
                + capacity
                + ".");
      }
      for (int i = 0; i < length; i++) {
        int place = (int) ((first % capacity + i) % capacity);
        for (int j = 0; j < inner; j++) {
          y.copyElement(
              (prefix * capacity + place) * inner + j, update, (prefix * length + i) * inner + j);
        }
      }
    }
  }
}
