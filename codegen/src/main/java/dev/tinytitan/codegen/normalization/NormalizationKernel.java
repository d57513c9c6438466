package dev.tinytitan.codegen.normalization;

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
 * Layer normalization by generated code, on the Java arrays themselves, in critical calls of some
 * microseconds. Parts are ranges of rows.
 */
final class NormalizationKernel implements Kernel {
  private final Normalization normalization;
  private final int rows;
  private final double nanosOfRow;
  private final PackedWeights owner;

  /**
   * @param nanosOfRow estimated
   */
  NormalizationKernel(
      Normalization normalization, int rows, double nanosOfRow, PackedWeights owner) {
    this.normalization = normalization;
    this.rows = rows;
    this.nanosOfRow = nanosOfRow;
    this.owner = owner;
  }

  @Override
  public boolean reads(int index) {
    return index == 0;
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, rows * nanosOfRow, rows);
  }

  @Override
  public Kernel bind(Workers workers) {
    return new Bound(parts(workers.threads()));
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    new Bound(parts).run(inputs, outputs, scratch, part, parts);
  }

  /** With the arguments of one binding. */
  private final class Bound implements Kernel {
    private final NativeMemory end;
    private final CallBlock[] calls;

    private Bound(int parts) {
      int size = NormalizationGenerator.BYTES;
      NativeMemory.Block block = NativeMemory.allocate((long) parts * size);
      this.end = block.end();
      owner.closeAtEnd(end);
      this.calls = new CallBlock[parts];
      for (int i = 0; i < parts; i++) {
        calls[i] = new CallBlock(block.segment().asSlice((long) i * size, size));
        calls[i].set(NormalizationGenerator.FACTORS, normalization.factors().segment().address());
      }
    }

    @Override
    public long boundBytes() {
      return (long) calls.length * NormalizationGenerator.BYTES;
    }

    @Override
    public void run(
        @Nullable Tensor[] inputs,
        @Nullable Tensor[] outputs,
        Scratch scratch,
        int part,
        int parts) {
      CallBlock call = calls[part];
      MemorySegment x = call.segment(0, Objects.requireNonNull(inputs[0]).floatArray());
      MemorySegment y = call.segment(1, Objects.requireNonNull(outputs[0]).floatArray());
      int atOnce = (int) Math.max(1, NativeFunction.CRITICAL_NANOS / nanosOfRow);
      int to = Work.bound(rows, 1, part + 1, parts);
      try {
        for (int row = Work.bound(rows, 1, part, parts); row < to; row += atOnce) {
          call.set(
              NormalizationGenerator.OFFSET, (long) Float.BYTES * row * normalization.length());
          call.set(NormalizationGenerator.ROWS, Math.min(atOnce, to - row));
          normalization.function().callCritical(call.address(), x, y, MemorySegment.NULL);
        }
      } finally {
        Reference.reachabilityFence(end);
        Reference.reachabilityFence(normalization);
      }
    }
  }
}
