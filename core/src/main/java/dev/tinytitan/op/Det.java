package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Determinants of square matrices {@code [..., M, M]}. ONNX: Det-22. */
public record Det() implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Det", 22).compatibleSince(11).decoder(context -> new Det()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    return List.of(
        input.hasRank() ? input.withDims(input.knownDims().subList(0, input.rank() - 2)) : input);
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Shape shape = x.shape();
    if (shape.rank() < 2 || shape.dim(-1) != shape.dim(-2)) {
      throw new ShapeMismatchException("No square matrices in a tensor of shape " + shape + ".");
    }
    int size = shape.dim(-1);
    Tensor y =
        context.output(0, x.dtype(), Shape.of(Arrays.copyOf(shape.toArray(), shape.rank() - 2)));
    for (int i = 0; i < y.size(); i++) {
      double[][] matrix = new double[size][size];
      for (int j = 0; j < size * size; j++) {
        matrix[j / size][j % size] = x.getDouble(i * size * size + j);
      }
      y.setDouble(i, determinant(matrix));
    }
  }

  /** By elimination with partial pivoting; destroys the matrix. */
  private static double determinant(double[][] matrix) {
    double result = 1;
    for (int column = 0; column < matrix.length; column++) {
      int pivot = column;
      for (int row = column + 1; row < matrix.length; row++) {
        if (Math.abs(matrix[row][column]) > Math.abs(matrix[pivot][column])) {
          pivot = row;
        }
      }
      double[] top = matrix[pivot];
      matrix[pivot] = matrix[column];
      matrix[column] = top;
      result *= pivot == column ? top[column] : -top[column];
      if (top[column] == 0) {
        return 0;
      }
      for (int row = column + 1; row < matrix.length; row++) {
        double factor = matrix[row][column] / top[column];
        for (int i = column + 1; i < matrix.length; i++) {
          matrix[row][i] -= factor * top[i];
        }
      }
    }
    return result;
  }
}
