package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The product of two stacks of matrices as NumPy's {@code matmul} defines it: the last two
 * dimensions are the matrix, those before are broadcast; a vector on the left is a row, one on the
 * right a column, and that dimension is left out of the result.
 */
final class MatrixProduct {
  private final Shape output;
  private final int rows;
  private final int inner;
  private final int columns;
  private final int[] leftMatrix;
  private final int[] rightMatrix;

  /**
   * @throws ShapeMismatchException if the shapes do not fit
   */
  MatrixProduct(Shape left, Shape right) {
    requireFit(left, right);
    Shape a = left.rank() == 1 ? Shape.of(1, left.dim(0)) : left;
    Shape b = right.rank() == 1 ? Shape.of(right.dim(0), 1) : right;
    this.rows = a.dim(-2);
    this.inner = a.dim(-1);
    this.columns = b.dim(-1);
    Shape aBatch = batch(a);
    Shape bBatch = batch(b);
    Shape batch = Shapes.broadcast(aBatch, bBatch);
    this.leftMatrix = new int[batch.size()];
    this.rightMatrix = new int[batch.size()];
    Broadcast walk = new Broadcast(batch, aBatch, bBatch);
    for (int i = 0; i < batch.size(); i++, walk.next()) {
      leftMatrix[i] = walk.index(0);
      rightMatrix[i] = walk.index(1);
    }
    List<Integer> dims = new ArrayList<>();
    for (int dim : batch.toArray()) {
      dims.add(dim);
    }
    if (left.rank() > 1) {
      dims.add(rows);
    }
    if (right.rank() > 1) {
      dims.add(columns);
    }
    this.output = Shape.of(dims.stream().mapToInt(Integer::intValue).toArray());
  }

  private static Shape batch(Shape shape) {
    int[] dims = new int[shape.rank() - 2];
    System.arraycopy(shape.toArray(), 0, dims, 0, dims.length);
    return Shape.of(dims);
  }

  private static void requireFit(Shape left, Shape right) {
    if (left.rank() == 0
        || right.rank() == 0
        || left.dim(-1) != right.dim(right.rank() == 1 ? 0 : -2)) {
      throw new ShapeMismatchException(
          "Matrices of shapes " + left + " and " + right + " cannot be multiplied.");
    }
  }

  /** The result's shape. */
  Shape outputShape() {
    return output;
  }

  /**
   * A vector of one number, or of one for each column of the result.
   *
   * @param vector null for {@code absent} alone
   * @throws ShapeMismatchException if it has another length
   */
  double[] columnVector(String name, @Nullable Tensor vector, double absent) {
    if (vector == null) {
      return new double[] {absent};
    }
    if (vector.size() != 1 && vector.size() != columns) {
      throw new ShapeMismatchException(
          "A " + name + " of " + vector.size() + " elements does not fit " + columns + " columns.");
    }
    return vector.toDoubleArray();
  }

  /** The product in double: exact for 8-bit integers, and near exact for float32. */
  double[] multiply(double[] left, double[] right) {
    double[] result = new double[output.size()];
    for (int batch = 0; batch < leftMatrix.length; batch++) {
      int b = rightMatrix[batch] * inner * columns;
      for (int row = 0; row < rows; row++) {
        int y = (batch * rows + row) * columns;
        int a = (leftMatrix[batch] * rows + row) * inner;
        for (int k = 0; k < inner; k++) {
          double factor = left[a + k];
          for (int column = 0; column < columns; column++) {
            result[y + column] += factor * right[b + k * columns + column];
          }
        }
      }
    }
    return result;
  }

  /** The product in 64-bit integers that wrap, as wider integers need. */
  long[] multiply(long[] left, long[] right) {
    long[] result = new long[output.size()];
    for (int batch = 0; batch < leftMatrix.length; batch++) {
      int b = rightMatrix[batch] * inner * columns;
      for (int row = 0; row < rows; row++) {
        int y = (batch * rows + row) * columns;
        int a = (leftMatrix[batch] * rows + row) * inner;
        for (int k = 0; k < inner; k++) {
          long factor = left[a + k];
          for (int column = 0; column < columns; column++) {
            result[y + column] += factor * right[b + k * columns + column];
          }
        }
      }
    }
    return result;
  }

  /** The shape with the last two dimensions exchanged. */
  static Shape transpose(Shape shape) {
    return shape.withDim(-1, shape.dim(-2)).withDim(-2, shape.dim(-1));
  }

  /** Elements with the last two dimensions of {@code shape} exchanged. */
  static double[] transpose(double[] values, Shape shape) {
    int rows = shape.dim(-2);
    int columns = shape.dim(-1);
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      int within = i % (rows * columns);
      result[i - within + within % columns * rows + within / columns] = values[i];
    }
    return result;
  }

  /** The type with the last two dimensions exchanged, where the rank is known. */
  static TensorType transpose(TensorType type) {
    if (!type.hasRank()) {
      return type;
    }
    if (type.rank() < 2) {
      throw new ShapeMismatchException("A transposed matrix cannot be of type " + type + ".");
    }
    List<Dim> dims = new ArrayList<>(type.knownDims());
    dims.set(dims.size() - 1, type.dim(-2));
    dims.set(dims.size() - 2, type.dim(-1));
    return type.withDims(dims);
  }

  /** The result's type as far as the operands' types tell. */
  static TensorType infer(TensorType left, TensorType right, DType result) {
    if (!left.hasRank() || !right.hasRank()) {
      return TensorType.unknown(result);
    }
    if (left.isStatic() && right.isStatic()) {
      requireFit(left.shape(), right.shape());
    }
    if (left.rank() == 0 || right.rank() == 0) {
      throw new ShapeMismatchException("A scalar cannot be a factor of a matrix product.");
    }
    Dim a = left.dim(-1);
    Dim b = right.dim(right.rank() == 1 ? 0 : -2);
    if (a.isFixed() && b.isFixed() && a.size() != b.size()) {
      throw new ShapeMismatchException(
          "Matrices of types " + left + " and " + right + " cannot be multiplied.");
    }
    List<Dim> dims = new ArrayList<>();
    List<Dim> batch = Shapes.broadcast(batch(left), batch(right));
    if (batch != null) {
      dims.addAll(batch);
    }
    if (left.rank() > 1) {
      dims.add(left.dim(-2));
    }
    if (right.rank() > 1) {
      dims.add(right.dim(-1));
    }
    return new TensorType(result, dims);
  }

  private static List<Dim> batch(TensorType type) {
    return type.knownDims().subList(0, Math.max(0, type.rank() - 2));
  }

  /**
   * Multiply-adds: each output takes one for each inner index.
   *
   * @param innerDim the dimension that the left operand has in common with the right
   */
  static Cost cost(
      List<@Nullable TensorType> inputs, List<TensorType> outputs, @Nullable Dim innerDim) {
    long bytes = Operator.bytesMoved(inputs, outputs);
    TensorType output = outputs.get(0);
    if (!output.isStatic() || innerDim == null || !innerDim.isFixed()) {
      return new Cost(0, bytes);
    }
    return new Cost((long) output.shape().size() * innerDim.size(), bytes);
  }

  /** The last dimension of a type, null where unknown. */
  static @Nullable Dim lastDim(@Nullable TensorType type) {
    return type == null || !type.hasRank() || type.rank() == 0 ? null : type.dim(-1);
  }
}
