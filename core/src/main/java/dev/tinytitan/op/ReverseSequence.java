package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Sequences of a batch, the first elements of each reversed, as many as an int64 vector says. ONNX:
 * ReverseSequence-10.
 *
 * @param batchAxis 0 or 1
 * @param timeAxis the other of both
 */
public record ReverseSequence(int batchAxis, int timeAxis) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("ReverseSequence", 10)
          .inputs(2)
          .decoder(context ->
              new ReverseSequence(
                  context.attributes().getInt("batch_axis", 1),
                  context.attributes().getInt("time_axis", 0)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(1, "batch_axis", batchAxis)
        .putUnless(0, "time_axis", timeAxis)
        .build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (input.hasRank()) {
      requireAxes(input.rank());
    }
    return Shapes.sameAsInput(context);
  }

  private void requireAxes(int rank) {
    if (rank < 2 || batchAxis == timeAxis || (batchAxis | timeAxis) >>> 1 != 0) {
      throw new ShapeMismatchException(
          "Batch axis "
              + batchAxis
              + " and time axis "
              + timeAxis
              + " should be 0 and 1 of a tensor of two or more dimensions, not "
              + rank
              + ".");
    }
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor lengths = context.input(1);
    Shape shape = x.shape();
    requireAxes(shape.rank());
    int batch = shape.dim(batchAxis);
    int time = shape.dim(timeAxis);
    if (lengths.size() != batch) {
      throw new ShapeMismatchException(
          lengths.size() + " sequence lengths were given for a batch of " + batch + ".");
    }
    Tensor y = context.output(0, x.dtype(), shape);
    int[] strides = shape.strides();
    int inner = shape.sizeBetween(2, shape.rank());
    for (int i = 0; i < batch; i++) {
      long length = lengths.getLong(i);
      if (length < 0 || length > time) {
        throw new ShapeMismatchException(
            "A sequence length of " + length + " is not in 0.." + time + ".");
      }
      for (int j = 0; j < time; j++) {
        int source = j < length ? (int) length - 1 - j : j;
        int base = i * strides[batchAxis];
        for (int k = 0; k < inner; k++) {
          y.copyElement(base + j * strides[timeAxis] + k, x, base + source * strides[timeAxis] + k);
        }
      }
    }
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveMoved(context);
  }
}
