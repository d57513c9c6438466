package dev.tinytitan.kernel;

import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** MatMulInteger of two stacks of 8-bit matrices that both may change from run to run. */
final class IntegerProductKernel implements Kernel {
  private final int matrices;
  private final int rows;
  private final int depth;
  private final int columns;
  private final boolean oneMatrix;

  IntegerProductKernel(KernelRequest request) {
    Shape a = request.inputShape(0);
    Shape b = request.inputShape(1);
    this.depth = a.dim(-1);
    this.columns = b.dim(-1);
    this.oneMatrix = b.rank() == 2;
    this.matrices = oneMatrix ? 1 : MatrixNode.stack(a).size();
    this.rows = a.size() / depth / matrices;
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    Shape a = request.inputShape(0);
    Shape b = request.inputShape(1);
    if (a.rank() < 2 || b.rank() < 2 || a.size() == 0 || b.size() == 0) {
      return Optional.of("no matrices, or nothing to compute");
    }
    if (b.rank() != 2 && !MatrixNode.stack(a).equals(MatrixNode.stack(b))) {
      return Optional.of("stacks are broadcast");
    }
    boolean vector =
        request.hasInput(3)
            && request.inputShape(3).size() != 1
            && (request.inputShape(3).rank() != 1 || request.inputShape(3).size() != b.dim(-1));
    return vector || (request.hasInput(2) && request.inputShape(2).size() != 1)
        ? Optional.of("zero points are more than one for each column")
        : Optional.empty();
  }

  /** The second matrix less its zero points. */
  @Override
  public int scratchInts() {
    return Math.multiplyExact(depth, columns);
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    Tensor a = Objects.requireNonNull(inputs[0]);
    Tensor b = Objects.requireNonNull(inputs[1]);
    Tensor aZeros = inputs.length > 2 ? inputs[2] : null;
    Tensor bZeros = inputs.length > 3 ? inputs[3] : null;
    int[] y = Objects.requireNonNull(outputs[0]).intArray();
    int aZero = aZeros == null ? 0 : aZeros.getInt(0);
    for (int matrix = 0; matrix < matrices; matrix++) {
      int[] right = scratch.ints();
      for (int i = 0; i < depth * columns; i++) {
        int zero = bZeros == null ? 0 : bZeros.getInt(bZeros.size() == 1 ? 0 : i % columns);
        right[i] = b.getInt((oneMatrix ? 0 : matrix * depth * columns) + i) - zero;
      }
      for (int row = matrix * rows; row < (matrix + 1) * rows; row++) {
        int to = row * columns;
        Arrays.fill(y, to, to + columns, 0);
        for (int k = 0; k < depth; k++) {
          int factor = a.getInt(row * depth + k) - aZero;
          for (int j = 0; j < columns; j++) {
            y[to + j] += factor * right[k * columns + j];
          }
        }
      }
    }
  }
}
