package dev.tinytitan.kernel;

import dev.tinytitan.op.Shapes;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Softmax along the dimension that is contiguous. */
final class FloatSoftmaxKernel implements Kernel {
  private final RowOperations operations;
  private final int rows;
  private final int length;

  FloatSoftmaxKernel(VectorOperations operations, KernelRequest request) {
    Shape shape = request.inputShape(0);
    this.operations = operations.rows();
    this.length = shape.dim(Shapes.axis(request.operator(Softmax.class).axis(), shape.rank()));
    this.rows = length == 0 ? 0 : shape.size() / length;
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    Shape shape = request.inputShape(0);
    int axis = Shapes.axis(request.operator(Softmax.class).axis(), shape.rank());
    boolean channels = request.layout().isChannelsLast() && shape.rank() > 2;
    return axis == (channels ? 1 : shape.rank() - 1)
        ? Optional.empty()
        : Optional.of("axis " + axis + " is not contiguous");
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, Work.ofElements((double) rows * length, 0.5), rows);
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Objects.requireNonNull(inputs[0]).floatArray();
    float[] y = Objects.requireNonNull(outputs[0]).floatArray();
    int to = Work.bound(rows, 1, part + 1, parts);
    for (int row = Work.bound(rows, 1, part, parts); row < to; row++) {
      operations.softmax(x, row * length, y, row * length, length);
    }
  }
}
