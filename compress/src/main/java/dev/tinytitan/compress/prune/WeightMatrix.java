package dev.tinytitan.compress.prune;

import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

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
    int channels = columns / kernel;
    return row * columns + column % channels * kernel + column / channels;
  }

  /** The matrix, row by row. */
  double[] read() {
    Tensor tensor = slot.weights();
    double[] matrix = new double[rows * columns];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        matrix[row * columns + column] = tensor.getDouble(index(row, column));
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

  /** Takes a row of inputs, as many as the matrix has columns. */
  @FunctionalInterface
  interface RowConsumer {
    /**
     * @param group the group of rows that sees the inputs
     * @param row overwritten by the next one
     */
    void accept(int group, double[] row);
  }

  /**
   * Walks through what the matrix is multiplied with when the layer reads a value.
   *
   * @param most at most about so many rows, evenly spread
   */
  void inputs(Tensor value, int most, RowConsumer consumer) {
    if (slot.node().operator() instanceof Conv conv) {
      windows(value, conv, most, consumer);
      return;
    }
    float[] elements = value.toFloatArray();
    int count = elements.length / columns;
    int stride = Math.max(1, count / most);
    double[] row = new double[columns];
    for (int i = 0; i < count; i += stride) {
      for (int j = 0; j < columns; j++) {
        row[j] = elements[i * columns + j];
      }
      consumer.accept(0, row);
    }
  }

  private void windows(Tensor value, Conv conv, int most, RowConsumer consumer) {
    float[] elements = value.toFloatArray();
    Shape shape = value.shape();
    Shape weights = slot.weights().shape();
    List<Integer> sizes = IntStream.range(2, weights.rank()).map(weights::dim).boxed().toList();
    WindowGeometry geometry = conv.window().geometry(shape, sizes);
    int channels = columns / kernel;
    int space = geometry.inputSize();
    int positions = geometry.outputSize();
    int stride = Math.max(1, positions / most);
    int[] offsets = new int[kernel];
    double[] row = new double[columns];
    for (int image = 0; image < shape.dim(0); image++) {
      for (int position = 0; position < positions; position += stride) {
        geometry.inputOffsets(position, offsets);
        for (int group = 0; group < groups; group++) {
          int first = (image * shape.dim(1) + group * channels) * space;
          for (int place = 0; place < kernel; place++) {
            for (int channel = 0; channel < channels; channel++) {
              row[place * channels + channel] =
                  offsets[place] < 0 ? 0 : elements[first + channel * space + offsets[place]];
            }
          }
          consumer.accept(group, row);
        }
      }
    }
  }
}
