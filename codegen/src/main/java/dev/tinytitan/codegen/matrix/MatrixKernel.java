package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.memory.CallBlock;
import dev.tinytitan.codegen.memory.NativeArena;
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
 * waits for long.
 *
 * <p>Threads share it by rows, and each prepares its own. Few rows are shared by panels instead:
 * what they take is mostly the way of the weights from memory, which each thread then goes for its
 * own ones only.
 */
abstract class MatrixKernel implements Kernel {
  /** Parts that a binding has memory for. */
  private static final int MOST_PARTS = 32;

  /** Tiles of rows for each thread below which they share panels. */
  private static final int LEAST_TILES = 3;

  private final PackedMatrix matrix;
  private final int rows;
  private final double productsPerNano;
  private final PackedWeights owner;
  private final WorkingMemory working;
  private final @Nullable NativeFunction[] functions;

  /**
   * @param rows of the input
   * @param productsPerNano multiply-adds in a nanosecond, for estimates
   */
  MatrixKernel(PackedMatrix matrix, int rows, double productsPerNano, PackedWeights owner) {
    this.matrix = matrix;
    this.rows = rows;
    this.productsPerNano = productsPerNano;
    this.owner = owner;
    this.working = WorkingMemory.of(owner);
    this.functions = functions(MatrixCode.PANEL, MatrixCode.LAST_PANEL);
  }

  /** The functions for whole panels and for the last one; null where there are no such panels. */
  final @Nullable NativeFunction[] functions(String whole, String last) {
    int panels = matrix.panels();
    return new @Nullable NativeFunction[] {
      matrix.isWhole(0) ? matrix.function(whole) : null,
      matrix.isWhole(panels - 1) ? null : matrix.function(last)
    };
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

  private int tiles() {
    return Math.ceilDiv(rows, matrix.tileRows());
  }

  private double nanos() {
    MatrixShape shape = matrix.shape();
    return (double) rows * shape.depth() * shape.columns() / productsPerNano;
  }

  @Override
  public final Bound bind(Workers workers) {
    return new Bound(workers);
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
  long rowBytes() {
    return 0;
  }

  /** Whether all rows have to be looked at before any can be prepared. */
  boolean surveys() {
    return false;
  }

  /** Looks at a part of the input; what is found stays in the part's call. */
  void survey(CallBlock call, float[] input, int part, int parts) {}

  /**
   * Puts together what the parts found, for all calls to prepare by.
   *
   * @param surveyed how many parts there were
   */
  void settle(CallBlock[] calls, int surveyed, float[] input) {}

  /**
   * Prepares rows for the products.
   *
   * @param memory of {@link #rowBytes}, of all parts
   */
  void prepare(CallBlock call, float[] input, MemorySegment memory, int from, int to) {}

  /** Bytes of native memory that each part has for panels; a multiple of 64. */
  long panelBytes() {
    return 0;
  }

  /**
   * Where the weights of a panel lie for the first call for it, and for later ones.
   *
   * @param memory the address of the part's memory, of {@link #panelBytes}
   */
  long weights(int panel, boolean first, long memory) {
    return matrix.weights(panel);
  }

  /** What multiplies rows with a panel in the first call for it, and in later ones. */
  NativeFunction function(int panel, boolean first) {
    return Objects.requireNonNull(functions[matrix.isWhole(panel) ? 0 : 1]);
  }

  /** Whether threads share panels, not rows. */
  boolean sharesPanels(int threads) {
    return tiles() < LEAST_TILES * threads;
  }

  /** With the memory of one binding. */
  final class Bound implements Kernel {
    private final Workers workers;
    private final int parts;
    private final boolean byPanels;
    private final NativeMemory end;
    private final CallBlock[] calls;
    private final long bytes;
    private final long rowBytes;
    private final Workers.Task surveying = this::survey;
    private final Workers.Task multiplying = this::multiply;
    private float[] input = {};
    private float[] output = {};
    private float @Nullable [] residual;
    private MemorySegment memory = MemorySegment.NULL;

    private Bound(Workers workers) {
      this.workers = workers;
      int threads = Math.min(workers.threads(), MOST_PARTS);
      this.byPanels = sharesPanels(threads);
      this.parts = Work.parts(threads, nanos(), byPanels ? matrix.panels() : tiles());
      this.bytes = (long) parts * MatrixArguments.BYTES;
      this.rowBytes = Math.ceilDiv(rowBytes(), NativeArena.ALIGNMENT) * NativeArena.ALIGNMENT;
      NativeMemory.Block block = NativeMemory.allocate(bytes);
      end = block.end();
      owner.closeAtEnd(end);
      calls = new CallBlock[parts];
      for (int i = 0; i < parts; i++) {
        long at = (long) i * MatrixArguments.BYTES;
        calls[i] = new CallBlock(block.segment().asSlice(at, MatrixArguments.BYTES));
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
        int partCount) {
      Tensor added = inputs.length > residualIndex() ? inputs[residualIndex()] : null;
      input = Objects.requireNonNull(inputs[0]).floatArray();
      output = Objects.requireNonNull(outputs[0]).floatArray();
      residual = added == null ? null : added.floatArray();
      NativeMemory.Block borrowed = working.take(rowBytes + parts * panelBytes());
      memory = borrowed.segment();
      try {
        int surveyed = byPanels ? 1 : parts;
        if (surveys()) {
          workers.run(surveying, surveyed, nanos());
        }
        settle(calls, surveyed, input);
        if (byPanels) {
          prepare(calls[0], input, memory, 0, rows);
        }
        workers.run(multiplying, parts, nanos());
      } finally {
        working.give(borrowed);
        Reference.reachabilityFence(end);
        Reference.reachabilityFence(matrix);
      }
    }

    private void survey(int part, int partCount) {
      MatrixKernel.this.survey(calls[part], input, part, partCount);
    }

    private void multiply(int part, int partCount) {
      CallBlock call = calls[part];
      if (byPanels) {
        int from = Work.bound(matrix.panels(), 1, part, partCount);
        int to = Work.bound(matrix.panels(), 1, part + 1, partCount);
        multiply(call, part, from, to, 0, rows);
        return;
      }
      int from = Work.bound(rows, matrix.tileRows(), part, partCount);
      int to = Work.bound(rows, matrix.tileRows(), part + 1, partCount);
      prepare(call, input, memory, from, to);
      multiply(call, part, 0, matrix.panels(), from, to);
    }

    private void multiply(CallBlock call, int part, int fromPanel, int toPanel, int from, int to) {
      MemorySegment read = rowBytes > 0 ? MemorySegment.NULL : call.segment(0, input);
      MemorySegment written = call.segment(1, output);
      MemorySegment added = call.segment(2, residual);
      long start = rowBytes > 0 ? memory.address() : 0;
      long panelMemory = memory.address() + rowBytes + part * panelBytes();
      MatrixShape shape = matrix.shape();
      call.set(MatrixArguments.FLOATS, panelMemory);
      int tiles = Math.ceilDiv(to - from, matrix.tileRows());
      for (int panel = fromPanel; panel < toPanel; panel++) {
        long fetched = matrix.weights(Math.min(panel + 1, matrix.panels() - 1));
        long fetchStride = matrix.fetchStride(panel, tiles);
        call.set(MatrixArguments.FETCH_STRIDE, fetchStride);
        for (int row = from; row < to; ) {
          boolean first = row == from;
          int count = Math.min(first ? rowsOfFirstCall() : rowsOfCall(), to - row);
          long steps = (row - from) / matrix.tileRows() * (long) shape.steps();
          call.set(MatrixArguments.WEIGHTS, weights(panel, first, panelMemory));
          call.set(MatrixArguments.FETCHED, fetched + steps * fetchStride);
          call.set(MatrixArguments.INPUT_OFFSET, start + (long) row * shape.inputStride());
          call.set(
              MatrixArguments.OUTPUT_OFFSET,
              (long) row * shape.outputStride() + matrix.outputOffset(panel));
          call.set(MatrixArguments.COUNT, count);
          function(panel, first).callCritical(call.address(), read, written, added);
          row += count;
        }
      }
    }
  }

  /** Rows of the first call for a panel. */
  int rowsOfFirstCall() {
    return rowsOfCall();
  }

  /** Rows of one call: as many as take the time that a call may. */
  final int rowsOfCall() {
    double tile = matrix.tileProducts() / productsPerNano;
    int tiles = (int) Math.max(1, NativeFunction.CRITICAL_NANOS / tile);
    return (int) Math.min(rows, (long) tiles * matrix.tileRows());
  }
}
