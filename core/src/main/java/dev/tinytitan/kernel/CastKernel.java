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
    boolean plain = isPlain(from) && isPlain(to);
    return plain ? Optional.empty() : Optional.of("from " + from + " to " + to);
  }

  private static boolean isPlain(DType dtype) {
    return dtype == DType.FLOAT32
        || dtype == DType.FLOAT64
        || dtype == DType.FLOAT16
        || dtype == DType.BFLOAT16
        || dtype == DType.BOOL
        || (dtype.isInteger() && dtype.bits() >= 8 && dtype != DType.UINT64);
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    Tensor x = Objects.requireNonNull(inputs[0]);
    Tensor y = Objects.requireNonNull(outputs[0]);
    switch (y.dtype()) {
      case FLOAT32 -> {
        float[] to = y.floatArray();
        if (x.dtype().isInteger() && x.dtype().bits() == 8) {
          NarrowIntegers.widen(x, to, size);
          return;
        }
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
      case BOOL -> {
        for (int i = 0; i < size; i++) {
          y.setBoolean(i, x.getBoolean(i));
        }
      }
      default -> {
        for (int i = 0; i < size; i++) {
          if (!y.dtype().isFloat() || !x.dtype().isFloat()) {
            y.setLong(i, x.getLong(i));
          } else {
            y.setDouble(i, x.getDouble(i));
          }
        }
      }
    }
  }
}
