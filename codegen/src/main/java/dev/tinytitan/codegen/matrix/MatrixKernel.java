package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.memory.CallBlock;
import dev.tinytitan.codegen.memory.NativeFunction;
import dev.tinytitan.codegen.memory.NativeMemory;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.kernel.Workers;
import dev.tinytitan.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rows of floats times a {@link PackedMatrix}. Code reads and writes the Java arrays themselves, in
 * critical calls of some rows and one panel each: short ones, so that the garbage collector never
 * waits for long. Parts are ranges of rows.
 */
abstract class MatrixKernel implements Kernel {
  /** Parts that a binding has memory for. */
  private static final int MOST_PARTS = 32;

  private final PackedMatrix matrix;
  private final int rows;
  private final double productsPerNano;
  private final PackedWeights owner;

  /**
   * @param rows of the input
   * @param productsPerNano multiply-adds in a nanosecond, for estimates
   */
  MatrixKernel(PackedMatrix matrix, int rows, double productsPerNano, PackedWeights owner) {
    this.matrix = matrix;
    this.rows = rows;
    this.productsPerNano = productsPerNano;
    this.owner = owner;
  }

  /** Whether a call for one tile is short enough. */
  static boolean takes(Isa isa, MatrixShape shape, double productsPerNano) {
    return shape.tileProducts(isa) / productsPerNano <= NativeFunction.CRITICAL_NANOS;
  }

  final PackedMatrix matrix() {
    return matrix;
  }

  final int rows() {
    return rows;
  }

  @Override
  public final int parts(int threads) {
    MatrixShape shape = matrix.shape();
    double nanos = (double) rows * shape.depth() * shape.columns() / productsPerNano;
    int units = Math.ceilDiv(rows, matrix.tileRows());
    return Work.parts(Math.min(threads, MOST_PARTS), nanos, units);
  }

  @Override
  public final Kernel bind(Workers workers) {
    return new Bound();
  }

  @Override
  public final void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    bind(Workers.NONE).run(inputs, outputs, scratch, part, parts);
  }

  /** The residual's place among the inputs, if there is one. */
  abstract int residualIndex();

  @Override
  public final boolean reads(int index) {
    return index == 0 || index == residualIndex();
  }

  /** Bytes of native memory in which rows are prepared; 0 if the array is read as it is. */
  abstract long nativeBytes();

  /**
   * Prepares rows for the products.
   *
   * @param memory the binding's, of {@link #nativeBytes}
   * @return where the first row lies: an address if there is native memory, else bytes from the
   *     start of the array
   */
  abstract long prepare(CallBlock call, float[] input, MemorySegment memory, int from, int to);

  /** With the memory of one binding. */
  private final class Bound implements Kernel {
    private final NativeMemory end;
    private final MemorySegment memory;
    private final CallBlock[] calls;
    private final long bytes;

    Bound() {
      int parts = Math.min(MOST_PARTS, Math.ceilDiv(rows, matrix.tileRows()));
      long arguments = (long) parts * MatrixArguments.BYTES;
      bytes = arguments + nativeBytes();
      NativeMemory.Block block = NativeMemory.allocate(bytes);
      end = block.end();
      owner.closeAtEnd(end);
      memory = block.segment().asSlice(arguments);
      calls = new CallBlock[parts];
      for (int i = 0; i < parts; i++) {
        calls[i] =
            new CallBlock(
                block.segment().asSlice((long) i * MatrixArguments.BYTES, MatrixArguments.BYTES));
      }
    }

    @Override
    public long boundBytes() {
      return bytes;
    }

    @Override
    public void run(
        @Nullable Tensor[] inputs,
        @Nullable Tensor[] outputs,
        Scratch scratch,
        int part,
        int parts) {
      int from = Work.bound(rows, matrix.tileRows(), part, parts);
      int to = Work.bound(rows, matrix.tileRows(), part + 1, parts);
      if (from == to) {
        return;
      }
      CallBlock call = calls[part];
      float[] input = Objects.requireNonNull(inputs[0]).floatArray();
      int residualIndex = residualIndex();
      Tensor added = inputs.length > residualIndex ? inputs[residualIndex] : null;
      try {
        long start = prepare(call, input, memory, from, to);
        MemorySegment read = nativeBytes() > 0 ? MemorySegment.NULL : call.segment(0, input);
        MemorySegment written = call.segment(1, Objects.requireNonNull(outputs[0]).floatArray());
        MemorySegment residual = call.segment(2, added == null ? null : added.floatArray());
        multiply(call, start, read, written, residual, from, to);
      } finally {
        Reference.reachabilityFence(end);
        Reference.reachabilityFence(matrix);
      }
    }

    private void multiply(
        CallBlock call,
        long start,
        MemorySegment read,
        MemorySegment written,
        MemorySegment residual,
        int from,
        int to) {
      MatrixShape shape = matrix.shape();
      int atOnce = rowsOfCall();
      int tiles = Math.ceilDiv(to - from, matrix.tileRows());
      for (int panel = 0; panel < matrix.panels(); panel++) {
        long fetched = matrix.weights(Math.min(panel + 1, matrix.panels() - 1));
        long fetchStride = matrix.fetchStride(panel, tiles);
        call.set(MatrixArguments.WEIGHTS, matrix.weights(panel));
        call.set(MatrixArguments.FETCH_STRIDE, fetchStride);
        for (int row = from; row < to; row += atOnce) {
          long steps = (row - from) / matrix.tileRows() * (long) shape.steps();
          call.set(MatrixArguments.FETCHED, fetched + steps * fetchStride);
          call.set(MatrixArguments.INPUT_OFFSET, start + (long) (row - from) * shape.inputStride());
          call.set(
              MatrixArguments.OUTPUT_OFFSET,
              (long) row * shape.outputStride() + matrix.outputOffset(panel));
          call.set(MatrixArguments.COUNT, Math.min(atOnce, to - row));
          matrix.function(panel).callCritical(call.address(), read, written, residual);
        }
      }
    }

    /** As many as take the time that a call may. */
    private int rowsOfCall() {
      double tile = matrix.tileProducts() / productsPerNano;
      int tiles = (int) Math.max(1, NativeFunction.CRITICAL_NANOS / tile);
      return (int) Math.min(rows, (long) tiles * matrix.tileRows());
    }
  }
}
