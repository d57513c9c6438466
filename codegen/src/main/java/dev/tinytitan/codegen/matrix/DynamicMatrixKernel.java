package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.emit.Quotient;
import dev.tinytitan.codegen.memory.CallBlock;
import dev.tinytitan.codegen.memory.NativeFunction;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.op.DynamicQuantizeLinear;
import dev.tinytitan.op.DynamicQuantizedMatMul;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Rows of floats, quantized by the range of all of them or a calibrated one, times a matrix of
 * bytes.
 */
final class DynamicMatrixKernel extends MatrixKernel {
  /** Floats of a critical call: some microseconds. */
  private static final int FLOATS_OF_CALL = 1 << 15;

  private final int lanes;
  private final NativeFunction range;
  private final NativeFunction quantize;
  private final DynamicQuantizeLinear.@Nullable Parameters calibrated;

  /**
   * @param lanes floats in a vector
   * @param calibrated scale and zero point of the rows; null if they are found for each run
   */
  DynamicMatrixKernel(
      PackedMatrix matrix,
      int rows,
      int lanes,
      DynamicQuantizeLinear.@Nullable Parameters calibrated,
      double productsPerNano,
      PackedWeights owner) {
    super(matrix, rows, productsPerNano, owner);
    this.calibrated = calibrated;
    this.lanes = lanes;
    this.range = matrix.function(DynamicQuantization.RANGE);
    this.quantize = matrix.function(DynamicQuantization.QUANTIZE);
  }

  @Override
  int residualIndex() {
    return DynamicQuantizedMatMul.RESIDUAL;
  }

  @Override
  long nativeBytes() {
    return (long) rows() * matrix().shape().inputStride();
  }

  @Override
  long prepare(CallBlock call, float[] input, MemorySegment memory, int from, int to) {
    DynamicQuantizeLinear.Parameters parameters =
        calibrated == null ? parameters(call, input) : calibrated;
    float scale = parameters.scale();
    call.setFloat(MatrixArguments.SCALE, scale);
    call.setFloat(MatrixArguments.RECIPROCAL, 1 / scale);
    call.setInt(MatrixArguments.ZERO_POINT, parameters.zeroPoint());
    int depth = matrix().shape().depth();
    int stride = matrix().shape().inputStride();
    if (stride == depth) {
      int count = (to - from) * depth;
      quantize(call, input, from * depth, count, memory, from * depth, parameters);
    } else {
      for (int row = from; row < to; row++) {
        quantize(call, input, row * depth, depth, memory, row * stride, parameters);
      }
    }
    return memory.address() + (long) from * stride;
  }

  /** One scale for the whole tensor, whichever part this is. */
  private DynamicQuantizeLinear.Parameters parameters(CallBlock call, float[] input) {
    int count = rows() * matrix().shape().depth();
    int unit = lanes * DynamicQuantization.AT_ONCE;
    for (int i = 0; i < lanes; i++) {
      call.setFloat(MatrixArguments.LEAST + 4 * i, 0);
      call.setFloat(MatrixArguments.GREATEST + 4 * i, 0);
      call.setFloat(MatrixArguments.FINITE + 4 * i, 0);
    }
    int whole = count / unit * unit;
    for (int at = 0; at < whole; at += FLOATS_OF_CALL) {
      call.set(MatrixArguments.INPUT_OFFSET, 4L * at);
      call.set(MatrixArguments.COUNT, Math.min(FLOATS_OF_CALL, whole - at) / unit);
      range.callCritical(
          call.address(), call.segment(0, input), MemorySegment.NULL, MemorySegment.NULL);
    }
    float least = 0;
    float greatest = 0;
    float finite = 0;
    for (int i = 0; i < lanes; i++) {
      least = Math.min(least, call.getFloat(MatrixArguments.LEAST + 4 * i));
      greatest = Math.max(greatest, call.getFloat(MatrixArguments.GREATEST + 4 * i));
      finite += call.getFloat(MatrixArguments.FINITE + 4 * i);
    }
    // The vectors' minima and maxima may pass over a NaN; sums do not.
    int rest = finite == 0 ? whole : 0;
    for (int i = rest; i < count; i++) {
      least = Math.min(least, input[i]);
      greatest = Math.max(greatest, input[i]);
    }
    return DynamicQuantizeLinear.Parameters.of(least, greatest);
  }

  private void quantize(
      CallBlock call,
      float[] input,
      int from,
      int count,
      MemorySegment memory,
      int to,
      DynamicQuantizeLinear.Parameters parameters) {
    // Other scales are rare, and the code's division is not made for them.
    int whole = Quotient.takes(parameters.scale()) ? count / lanes * lanes : 0;
    for (int at = 0; at < whole; at += FLOATS_OF_CALL) {
      call.set(MatrixArguments.INPUT_OFFSET, 4L * (from + at));
      call.set(MatrixArguments.COUNT, Math.min(FLOATS_OF_CALL, whole - at) / lanes);
      call.set(MatrixArguments.OUTPUT_OFFSET, memory.address() + to + at);
      quantize.callCritical(
          call.address(), call.segment(0, input), MemorySegment.NULL, MemorySegment.NULL);
    }
    for (int i = whole; i < count; i++) {
      memory.set(ValueLayout.JAVA_BYTE, to + i, (byte) parameters.quantize(input[from + i]));
    }
  }
}
