package dev.tinytitan.kernel;

import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Shapes;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Integers of up to 8 bits as floats, with one scale for all, one for each index along an axis, or
 * one for each block along it, all of which may change from run to run.
 */
final class DequantizeKernel implements Kernel {
  private final int outer;
  private final int along;
  private final int inner;
  private final int blockSize;
  private final boolean perBlock;

  DequantizeKernel(KernelRequest request) {
    DequantizeLinear operator = request.operator(DequantizeLinear.class);
    Shape shape = request.inputShape(0);
    boolean single = request.inputShape(1).size() == 1 && operator.blockSize() == 0;
    int axis = single ? 0 : Shapes.axis(operator.axis(), shape.rank());
    this.outer = shape.sizeBetween(0, axis);
    this.along = single ? 1 : shape.dim(axis);
    this.inner = shape.sizeBetween(single ? 0 : axis + 1, shape.rank());
    this.perBlock = operator.blockSize() > 0;
    this.blockSize = perBlock ? operator.blockSize() : 1;
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    DType dtype = request.inputDType(0);
    return dtype.isInteger()
            && (dtype.bits() == 8 || dtype.bits() == 4)
            && request.inputDType(1) == DType.FLOAT32
            && request.outputDType(0) == DType.FLOAT32
        ? Optional.empty()
        : Optional.of("not from 8 or 4 bits to float32");
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    Tensor x = Objects.requireNonNull(inputs[0]);
    Tensor scales = Objects.requireNonNull(inputs[1]);
    Tensor zeros = inputs.length > 2 ? inputs[2] : null;
    float[] y = Objects.requireNonNull(outputs[0]).floatArray();
    NarrowIntegers.widen(x, y, outer * along * inner);
    int blocks = Math.ceilDiv(along, blockSize);
    // Neighbours with equal factors: blocks of the last axis, or all that lies behind the axis.
    boolean ofColumns = perBlock && inner > 1;
    int rows = perBlock && inner == 1 ? blockSize : 1;
    int at = 0;
    for (int i = 0; i < outer; i++) {
      for (int j = 0; j < along; j += rows) {
        int row = perBlock ? (i * blocks + j / blockSize) * inner : j;
        int count = ofColumns ? 1 : Math.min(rows, along - j) * inner;
        for (int k = 0; k < (ofColumns ? inner : 1); k++, at += count) {
          int zero = zeros == null ? 0 : zeros.getInt(zeros.size() == 1 ? 0 : row + k);
          scale(y, at, count, zero, scales.getFloat(row + k));
        }
      }
    }
  }

  /** Integers are exact as floats, and so are their differences. */
  private static void scale(float[] y, int from, int count, float zero, float scale) {
    for (int i = from; i < from + count; i++) {
      y[i] = (y[i] - zero) * scale;
    }
  }
}
