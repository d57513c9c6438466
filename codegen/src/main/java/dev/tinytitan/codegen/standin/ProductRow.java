package dev.tinytitan.codegen.standin;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.op.IntegerMatMul;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Integer product of a matrix with constant weights, sum by sum; nothing is packed. */
final class ProductRow extends StandInRow {

  @Override
  public String name() {
    return "integer-matmul-plain";
  }

  @Override
  public Class<? extends Operator> operator() {
    return IntegerMatMul.class;
  }

  @Override
  public Optional<String> refuses(KernelRequest request) {
    return request.inputShape(0).rank() == 2 && request.inputShape(1).rank() == 2
        ? Optional.empty()
        : Optional.of("it is no product of two matrices");
  }

  @Override
  public double cost(KernelRequest request) {
    return (double) request.outputShape(0).size() * request.inputShape(0).dim(1);
  }

  @Override
  public Kernel make(KernelRequest request) {
    return new Product(request);
  }

  /** The kernel. */
  private static final class Product implements Kernel {
    private final IntegerMatMul operator;
    private final boolean unsigned;
    private final int rows;
    private final int depth;
    private final int columns;

    /** Column by column. */
    private final byte[] weights;

    private final boolean weightsUnsigned;
    private final IntegerSum sum;

    Product(KernelRequest request) {
      Tensor b = request.constant(1);
      operator = request.operator(IntegerMatMul.class);
      unsigned = request.inputDType(0).isUnsigned();
      rows = request.inputShape(0).dim(0);
      depth = request.inputShape(0).dim(1);
      columns = request.outputShape(0).dim(1);
      weights = new byte[b.size()];
      for (int i = 0; i < weights.length; i++) {
        int to = operator.transB() ? i : i % columns * depth + i / columns;
        weights[to] = (byte) b.getInt(i);
      }
      weightsUnsigned = b.dtype().isUnsigned();
      sum =
          new IntegerSum(
              request.constant(2),
              request.hasInput(3) ? request.constant(3) : null,
              request.hasInput(4) ? request.constant(4) : null,
              operator.output());
    }

    @Override
    public boolean reads(int index) {
      return index == 0;
    }

    /** A sum, then a row. */
    @Override
    public int scratchInts() {
      return 1 + depth;
    }

    @Override
    public void run(
        @Nullable Tensor[] inputs,
        @Nullable Tensor[] outputs,
        Scratch scratch,
        int part,
        int parts) {
      byte[] x = Objects.requireNonNull(inputs[0]).byteArray();
      byte[] y = Objects.requireNonNull(outputs[0]).byteArray();
      int[] work = scratch.ints();
      for (int row = 0; row < rows; row++) {
        IntegerSum.center(x, row * depth, unsigned, operator.aZeroPoint(), work, 1, depth);
        for (int column = 0; column < columns; column++) {
          work[0] = sum.start(column) + dot(work, column);
          sum.finish(column, work, y, row * columns + column, 1);
        }
      }
    }

    private int dot(int[] work, int column) {
      int zeroPoint = sum.weightZeroPoint(column);
      int from = column * depth;
      int total = 0;
      for (int i = 0; i < depth; i++) {
        total += work[1 + i] * IntegerSum.centered(weights[from + i], weightsUnsigned, zeroPoint);
      }
      return total;
    }
  }
}
