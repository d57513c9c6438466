package dev.tinytitan.kernel;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Elements converted between the types that models pass around: ints, longs, bools, floats. */
final class CastKernel implements Kernel {
  private final int size;

  CastKernel(KernelRequest request) {
    this.size = request.outputShape(0).size();
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    DType from = request.inputDType(0);
    DType to = request.outputDType(0);
    boolean toFloat =
        to == DType.FLOAT32 && (from == DType.INT64 || from == DType.INT32 || from == DType.BOOL);
    boolean toLong = to == DType.INT64 && (from == DType.INT32 || from == DType.BOOL);
    boolean toInt = to == DType.INT32 && (from == DType.INT64 || from == DType.BOOL);
    return toFloat || toLong || toInt || (from == to && from == DType.FLOAT32)
        ? Optional.empty()
        : Optional.of("from " + from + " to " + to);
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    Tensor x = Objects.requireNonNull(inputs[0]);
    Tensor y = Objects.requireNonNull(outputs[0]);
    switch (y.dtype()) {
      case FLOAT32 -> {
        float[] to = y.floatArray();
        for (int i = 0; i < size; i++) {
          to[i] = x.getFloat(i);
        }
      }
      case INT64 -> {
        long[] to = y.longArray();
        for (int i = 0; i < size; i++) {
          to[i] = x.getLong(i);
        }
      }
      default -> {
        int[] to = y.intArray();
        for (int i = 0; i < size; i++) {
          to[i] = (int) x.getLong(i);
        }
      }
    }
  }
}
