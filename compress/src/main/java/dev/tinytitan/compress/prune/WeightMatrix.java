package dev.tinytitan.compress.prune;

import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.compress.math.LayerInput;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The weights of a layer as a matrix: a row for each output, a column for each input that it sums
 * over; see {@link SparsePattern}. A grouped convolution has groups of rows that see inputs of
 * their own.
 */
final class WeightMatrix {
  private final WeightSlot slot;
  private final int rows;
  private final int columns;
  private final int groups;

  /** Places of a kernel; 1 for a plain product. */
  private final int kernel;

  private final boolean transposed;

  private WeightMatrix(WeightSlot slot, int groups, int kernel, boolean transposed) {
    this.slot = slot;
    this.rows = slot.channels();
    this.columns = slot.weights().size() / Math.max(1, rows);
    this.groups = groups;
    this.kernel = kernel;
    this.transposed = transposed;
  }

  /**
   * All layers of a graph that can be made sparse, in the order of its nodes: convolutions and
   * products with constant weights. Depthwise convolutions, which sum over no channels, are not
   * among them. Weights that several layers share come once, with the first.
   */
  static List<WeightMatrix> of(Graph graph) {
    List<WeightMatrix> matrices = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (WeightSlot slot : WeightSlot.of(graph)) {
      Optional<WeightMatrix> matrix = of(slot);
      if (matrix.isPresent() && slot.weights().size() > 0 && seen.add(slot.constant())) {
        matrices.add(matrix.get());
      }
    }
    return matrices;
  }

  private static Optional<WeightMatrix> of(WeightSlot slot) {
    Shape shape = slot.weights().shape();
    return switch (slot.node().operator()) {
      case Conv conv when shape.dim(1) > 1 || conv.group() == 1 ->
          Optional.of(
              new WeightMatrix(slot, conv.group(), shape.sizeBetween(2, shape.rank()), false));
      case Gemm gemm when !gemm.transA() ->
          Optional.of(new WeightMatrix(slot, 1, 1, !gemm.transB()));
      case MatMul product when slot.input() == 1 && shape.rank() == 2 ->
          Optional.of(new WeightMatrix(slot, 1, 1, true));
      default -> Optional.empty();
    };
  }

  WeightSlot slot() {
    return slot;
  }

  String name() {
    return slot.node().name();
  }

  int rows() {
    return rows;
  }

  int columns() {
    return columns;
  }

  /** Groups of rows that see inputs of their own. */
  int groups() {
    return groups;
  }

  int rowsPerGroup() {
    return rows / groups;
  }

  /** Where an element lies in the constant. */
  private int index(int row, int column) {
    if (transposed) {
      return column * rows + row;
    }
    return row * columns + inputElement(column);
  }

  /** The matrix, row by row. */
  double[] read() {
    return read(slot.weights().toFloatArray());
  }

  /** A matrix of other numbers that lie as the constant's do, row by row. */
  double[] read(float[] elements) {
    double[] matrix = new double[rows * columns];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        matrix[row * columns + column] = elements[index(row, column)];
      }
    }
    return matrix;
  }

  /** A constant with these weights. */
  Tensor write(double[] matrix) {
    Tensor tensor = slot.weights().copy();
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        tensor.setDouble(index(row, column), matrix[row * columns + column]);
      }
    }
    return tensor;
  }

  /** The layer's inputs, row by row. */
  LayerInput input() {
    return LayerInput.of(slot.node().operator(), slot.weights().shape());
  }

  /** Which element of a row of {@link #input} a column stands for. */
  int inputElement(int column) {
    int channels = columns / kernel;
    return column % channels * kernel + column / channels;
  }
}
