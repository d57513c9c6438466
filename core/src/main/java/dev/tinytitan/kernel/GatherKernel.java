package dev.tinytitan.kernel;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Shapes;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Slices picked by indices, such as the rows of an embedding table. */
final class GatherKernel implements Kernel {
  private final int outer;
  private final int length;
  private final int inner;
  private final int count;

  GatherKernel(KernelRequest request) {
    Shape shape = request.inputShape(0);
    int axis = Shapes.axis(request.operator(Gather.class).axis(), shape.rank());
    this.outer = shape.sizeBetween(0, axis);
    this.length = shape.dim(axis);
    // Of two elements in a byte, whole bytes are copied.
    this.inner = shape.sizeBetween(axis + 1, shape.rank()) / perByte(request);
    this.count = request.inputShape(1).size();
  }

  private static int perByte(KernelRequest request) {
    return request.inputDType(0).bits() == 4 ? 2 : 1;
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    DType indices = request.inputDType(1);
    if (indices != DType.INT64 && indices != DType.INT32) {
      return Optional.of("indices are " + indices);
    }
    Shape shape = request.inputShape(0);
    int axis = Shapes.axis(request.operator(Gather.class).axis(), shape.rank());
    boolean wholeBytes = shape.sizeBetween(axis + 1, shape.rank()) % 2 == 0;
    return perByte(request) == 2 && wholeBytes ? Optional.empty() : CopyKernel.refusal(request);
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    Object from = Objects.requireNonNull(Objects.requireNonNull(inputs[0]).array());
    Object to = Objects.requireNonNull(Objects.requireNonNull(outputs[0]).array());
    Tensor indices = Objects.requireNonNull(inputs[1]);
    for (int i = 0; i < count; i++) {
      long index = indices.getLong(i);
      long position = index < 0 ? index + length : index;
      if (position < 0 || position >= length) {
        throw new ShapeMismatchException(
            "Index " + index + " is out of range for an axis of " + length + " elements.");
      }
      for (int block = 0; block < outer; block++) {
        System.arraycopy(
            from,
            (block * length + (int) position) * inner,
            to,
            (block * count + i) * inner,
            inner);
      }
    }
  }
}
