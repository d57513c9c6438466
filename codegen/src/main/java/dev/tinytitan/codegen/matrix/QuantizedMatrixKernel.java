package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.emit.Quotient;
import dev.tinytitan.codegen.memory.CallBlock;
import dev.tinytitan.codegen.memory.NativeFunction;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.op.DynamicQuantizeLinear;
import dev.tinytitan.op.QuantizedMatMul;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Rows of floats, quantized by the range of all of them or a calibrated one, times a matrix of
 * bytes.
 */
final class QuantizedMatrixKernel extends MatrixKernel {
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
  QuantizedMatrixKernel(
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
    return QuantizedMatMul.RESIDUAL;
  }

  @Override
  long rowBytes() {
    return (long) rows() * matrix().shape().inputStride();
  }

  @Override
  boolean surveys() {
    return calibrated == null;
  }

  /** Finds the range of a piece of all elements, in whole groups of vectors. */
  @Override
  void survey(CallBlock call, float[] input, int part, int parts) {
    for (int i = 0; i < lanes; i++) {
      call.setFloat(MatrixArguments.LEAST + 4 * i, 0);
      call.setFloat(MatrixArguments.GREATEST + 4 * i, 0);
      call.setFloat(MatrixArguments.FINITE + 4 * i, 0);
    }
    int unit = unit();
    int to = Work.bound(whole(), unit, part + 1, parts);
    for (int at = Work.bound(whole(), unit, part, parts); at < to; at += FLOATS_OF_CALL) {
      call.set(MatrixArguments.INPUT_OFFSET, 4L * at);
      call.set(MatrixArguments.COUNT, Math.min(FLOATS_OF_CALL, to - at) / unit);
      range.callCritical(
          call.address(), call.segment(0, input), MemorySegment.NULL, MemorySegment.NULL);
    }
  }

  private int count() {
    return rows() * matrix().shape().depth();
  }

  /** Elements whose range is found at once. */
  private int unit() {
    return lanes * DynamicQuantization.AT_ONCE;
  }

  private int whole() {
    return count() / unit() * unit();
  }

  @Override
  void settle(CallBlock[] calls, int surveyed, float[] input) {
    DynamicQuantizeLinear.Parameters parameters =
        calibrated == null ? parameters(calls, surveyed, input) : calibrated;
    for (CallBlock call : calls) {
      call.setFloat(MatrixArguments.SCALE, parameters.scale());
      call.setFloat(MatrixArguments.RECIPROCAL, 1 / parameters.scale());
      call.setInt(MatrixArguments.ZERO_POINT, parameters.zeroPoint());
    }
  }

  /** One scale for the whole tensor. */
  private DynamicQuantizeLinear.Parameters parameters(
      CallBlock[] calls, int surveyed, float[] input) {
    float least = 0;
    float greatest = 0;
    float finite = 0;
    for (int part = 0; part < surveyed; part++) {
      CallBlock call = calls[part];
      for (int i = 0; i < lanes; i++) {
        least = Math.min(least, call.getFloat(MatrixArguments.LEAST + 4 * i));
        greatest = Math.max(greatest, call.getFloat(MatrixArguments.GREATEST + 4 * i));
        finite += call.getFloat(MatrixArguments.FINITE + 4 * i);
      }
    }
    // The vectors' minima and maxima may pass over a NaN; sums do not.
    for (int i = finite == 0 ? whole() : 0; i < count(); i++) {
      least = Math.min(least, input[i]);
      greatest = Math.max(greatest, input[i]);
    }
    return DynamicQuantizeLinear.Parameters.of(least, greatest);
  }

  @Override
  void prepare(CallBlock call, float[] input, MemorySegment memory, int from, int to) {
    DynamicQuantizeLinear.Parameters parameters =
        new DynamicQuantizeLinear.Parameters(
            call.getFloat(MatrixArguments.SCALE), call.getInt(MatrixArguments.ZERO_POINT));
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
