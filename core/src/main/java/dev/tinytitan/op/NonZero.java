package dev.tinytitan.op;

import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * The places of all elements that are not zero (not empty, of strings), in row-major order: an
 * int64 tensor with a row for each dimension and a column for each element. ONNX: NonZero-13.
 */
public record NonZero() implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("NonZero", 13).compatibleSince(9).decoder(context -> new NonZero()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    Dim rank = input.hasRank() ? Dim.of(input.rank()) : Dim.UNKNOWN;
    return List.of(new TensorType(DType.INT64, List.of(rank, Dim.UNKNOWN)));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    int count = 0;
    for (int i = 0; i < x.size(); i++) {
      count += isZero(x, i) ? 0 : 1;
    }
    int rank = x.shape().rank();
    Tensor y = context.output(0, DType.INT64, Shape.of(rank, count));
    int[] strides = x.shape().strides();
    int column = 0;
    for (int i = 0; i < x.size(); i++) {
      if (isZero(x, i)) {
        continue;
      }
      for (int axis = 0; axis < rank; axis++) {
        y.setLong(axis * count + column, i / strides[axis] % x.shape().dim(axis));
      }
      column++;
    }
  }

  private static boolean isZero(Tensor x, int index) {
    return switch (x.dtype()) {
      case STRING -> x.getString(index).isEmpty();
      case COMPLEX64, COMPLEX128 -> x.getComplex(index, 0) == 0 && x.getComplex(index, 1) == 0;
      default -> !x.getBoolean(index);
    };
  }
}
