package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
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
 * A tensor laid side by side with itself along each dimension, as often as an int64 vector says.
 * Inputs: data, repeats. ONNX: Tile-13.
 */
public record Tile() implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Tile", 13).compatibleSince(6).inputs(2).decoder(context -> new Tile()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    long[] repeats = Shapes.constantLongs(context, 1);
    if (repeats == null) {
      return List.of(
          input.hasRank()
              ? TensorType.ofRank(input.dtype(), input.rank())
              : Dims.describedBy(input.dtype(), context.input(1)));
    }
    if (!input.hasRank()) {
      return List.of(TensorType.ofRank(input.dtype(), repeats.length));
    }
    requireRank(repeats.length, input.rank());
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < repeats.length; i++) {
      dims.add(repeats[i] == 0 ? Dim.of(0) : Dims.times(input.dim(i), repeats[i]));
    }
    return List.of(input.withDims(dims));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor repeats = context.input(1);
    int rank = x.shape().rank();
    requireRank(repeats.size(), rank);
    // Each dimension becomes two: which copy, which place in it.
    long[] dims = new long[rank];
    int[] pairs = new int[2 * rank];
    int[] strides = new int[2 * rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = Math.multiplyExact(x.shape().dim(i), repeats.getLong(i));
      pairs[2 * i] = (int) repeats.getLong(i);
      pairs[2 * i + 1] = x.shape().dim(i);
      strides[2 * i + 1] = x.shape().strides()[i];
    }
    Tensor y = context.output(0, x.dtype(), Shape.of(dims));
    if (y.size() > 0) {
      StridedCopy.copy(pairs, y, 0, Shape.of(pairs).strides(), x, 0, strides);
    }
  }

  private static void requireRank(int repeats, int rank) {
    if (repeats != rank) {
      throw new ShapeMismatchException(
          repeats + " repeats do not fit a tensor of " + rank + " dimensions.");
    }
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveMoved(context);
  }
}
