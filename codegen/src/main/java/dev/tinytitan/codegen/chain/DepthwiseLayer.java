package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.VPERMT2D;
import static dev.tinytitan.codegen.x86.Instruction.VPUNPCKHBW;
import static dev.tinytitan.codegen.x86.Instruction.VPUNPCKHWD;
import static dev.tinytitan.codegen.x86.Instruction.VPUNPCKLBW;
import static dev.tinytitan.codegen.x86.Instruction.VPUNPCKLWD;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.code.Label;
import dev.tinytitan.codegen.emit.DotProduct;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.X86Assembler;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A convolution of each channel by itself. A row of the output is one run of bytes, place by place
 * and channel by channel; a vector takes as many of them as it holds, whatever channels they are.
 * Four rows of the input are interleaved byte by byte, so that each 32-bit element holds four taps
 * of one output, one above the other, for the dot product; taps that a window has not get weight 0.
 * Some rows of the output are computed at once, since they share interleaved rows.
 */
final class DepthwiseLayer implements SplitLayer {
  private static final Gpr IN = Gpr.RSI;
  private static final Gpr OUT = Gpr.RDI;
  private static final Gpr WEIGHTS = Gpr.RBX;
  private static final Gpr ROW_COUNT = Gpr.R12;
  private static final Gpr STEP_COUNT = Gpr.R13;

  /** Registers behind the sums. */
  private static final int INTERLEAVED = 4;

  private final String name;
  private final Buffer input;
  private final Buffer output;
  private final ProductLayer.Window window;
  private final IntegerSums sums;

  /** One vector of a row of the output. */
  private record Step(int inputOffset, int outputOffset, int pattern, int dwords) {}

  /** Steps that are repeated, then others once. */
  private record Walk(
      List<Step> repeated, int count, int inputStep, int outputStep, List<Step> rest) {}

  /**
   * @param sums weights as {@code [channel][kernel row][kernel column]}
   */
  DepthwiseLayer(
      String name, Buffer input, Buffer output, ProductLayer.Window window, IntegerSums sums) {
    this.name = name;
    this.input = input;
    this.output = output;
    this.window = window;
    this.sums = sums;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long products() {
    return (long) output.height() * output.width() * sums.weights().length;
  }

  @Override
  public long bytes() {
    // Each byte is loaded, interleaved and multiplied for each column of the window.
    return (long) input.byteSize() * window.kernelColumns() + output.byteSize();
  }

  @Override
  public int rows() {
    return output.height();
  }

  @Override
  public boolean isRowwise() {
    return false;
  }

  @Override
  public Layer rows(int from, int to) {
    return new DepthwiseLayer(
        name, window.inputRows(input, from, to), output.rows(from, to), window, sums);
  }

  @Override
  public void emit(VectorCode code) {
    new Generator(code).emit();
  }

  private final class Generator {
    private final VectorCode code;
    private final X86Assembler assembler;
    private final Isa isa;
    private final int vectorBytes;
    private final int weightBytes;
    private final Walk walk;
    private final boolean gathered;

    Generator(VectorCode code) {
      this.code = code;
      this.assembler = code.assembler();
      this.isa = code.isa();
      this.vectorBytes = code.vectorBytes();
      this.weightBytes = DotProduct.weightBytes(isa);
      int pixel = output.pixelBytes();
      this.gathered =
          isa.vectorBits() == 512
              && window.columnStride() == 2
              && pixel < vectorBytes
              && vectorBytes % pixel == 0
              && output.width() > 1;
      this.walk =
          window.columnStride() == 1 || output.width() == 1
              ? flat()
              : gathered ? everySecond() : placeByPlace();
    }

    // The walk along a row.

    private Walk flat() {
      int patterns = patterns();
      int bytes = output.rowInside();
      int whole = bytes / vectorBytes;
      int count = whole / patterns;
      List<Step> repeated = new ArrayList<>();
      for (int i = 0; i < patterns && count > 0; i++) {
        repeated.add(new Step(vectorBytes * i, vectorBytes * i, i, code.dwords()));
      }
      List<Step> rest = new ArrayList<>();
      for (int at = count * patterns * vectorBytes; at < bytes; at += vectorBytes) {
        int offset = at - count * patterns * vectorBytes;
        int dwords = Math.min(vectorBytes, bytes - at) / 4;
        rest.add(new Step(offset, offset, at / vectorBytes % patterns, dwords));
      }
      return new Walk(repeated, count, patterns * vectorBytes, patterns * vectorBytes, rest);
    }

    /** A vector holds some places, which lie two places apart in the input. */
    private Walk everySecond() {
      int bytes = output.rowInside();
      int whole = bytes / vectorBytes;
      List<Step> rest =
          bytes % vectorBytes == 0
              ? List.of()
              : List.of(new Step(0, 0, 0, bytes % vectorBytes / 4));
      return new Walk(
          List.of(new Step(0, 0, 0, code.dwords())), whole, 2 * vectorBytes, vectorBytes, rest);
    }

    private Walk placeByPlace() {
      List<Step> steps = new ArrayList<>();
      int pixel = output.pixelBytes();
      for (int at = 0; at < pixel; at += vectorBytes) {
        steps.add(new Step(at, at, at / vectorBytes, Math.min(vectorBytes, pixel - at) / 4));
      }
      return new Walk(
          steps, output.width(), window.columnStride() * input.pixelBytes(), pixel, List.of());
    }

    /** After how many vectors the channels repeat. */
    private int patterns() {
      int pixel = output.pixelBytes();
      int a = pixel;
      int b = vectorBytes;
      while (b != 0) {
        int rest = a % b;
        a = b;
        b = rest;
      }
      return pixel / a;
    }

    private int patternCount() {
      int most = 0;
      for (Step step : walk.repeated()) {
        most = Math.max(most, step.pattern() + 1);
      }
      for (Step step : walk.rest()) {
        most = Math.max(most, step.pattern() + 1);
      }
      return most;
    }

    // Rows.

    /** How many rows of the output at once: the fewest instructions for each. */
    private int rowsAtOnce() {
      int free = isa.vectorRegisters() - INTERLEAVED - 1 - Math.max(3, DotProduct.spares(isa));
      int best = 1;
      double bestCost = Double.POSITIVE_INFINITY;
      for (int rows = 1; 4 * rows <= free && rows <= output.height(); rows++) {
        int cost = 8 * quads(rows);
        for (int row = 0; row < rows; row++) {
          for (int quad = 0; quad < quads(rows); quad++) {
            cost += uses(row, quad) ? 4 : 0;
          }
        }
        // Rows that are left over are computed by code of their own, less well.
        double each = (double) cost / rows + (output.height() % rows == 0 ? 0 : 1);
        if (each < bestCost) {
          best = rows;
          bestCost = each;
        }
      }
      return best;
    }

    /** Rows of the input under {@code rows} rows of the output. */
    private int inputRows(int rows) {
      return (rows - 1) * window.rowStride() + (window.kernelRows() - 1) * window.rowDilation() + 1;
    }

    private int quads(int rows) {
      return Math.ceilDiv(inputRows(rows), 4);
    }

    /** The tap of an output row that lies in an input row; -1 if none. */
    private int tap(int row, int inputRow) {
      int distance = inputRow - row * window.rowStride();
      return distance >= 0
              && distance % window.rowDilation() == 0
              && distance / window.rowDilation() < window.kernelRows()
          ? distance / window.rowDilation()
          : -1;
    }

    private boolean uses(int row, int quad) {
      for (int i = 0; i < 4; i++) {
        if (tap(row, 4 * quad + i) >= 0) {
          return true;
        }
      }
      return false;
    }

    void emit() {
      requireWithin();
      for (Step step : walk.repeated()) {
        code.prepareStore(0, step.dwords());
      }
      for (Step step : walk.rest()) {
        code.prepareStore(0, step.dwords());
      }
      int rows = rowsAtOnce();
      assembler.lea(
          IN,
          Mem.at(
              Layer.MEMORY,
              input.inside()
                  - window.top() * input.rowBytes()
                  - window.left() * input.pixelBytes()));
      assembler.lea(OUT, Mem.at(Layer.MEMORY, output.inside()));
      emitRows(rows, output.height() / rows);
      emitRows(output.height() % rows, output.height() % rows == 0 ? 0 : 1);
    }

    private void requireWithin() {
      long start =
          input.inside()
              - (long) window.top() * input.rowBytes()
              - (long) window.left() * input.pixelBytes();
      long lastRow = start + (inputRows(output.height()) - 1L) * input.rowBytes();
      long reach = 0;
      for (Step step : walk.repeated()) {
        reach = Math.max(reach, (walk.count() - 1L) * walk.inputStep() + step.inputOffset());
      }
      for (Step step : walk.rest()) {
        reach = Math.max(reach, (long) walk.count() * walk.inputStep() + step.inputOffset());
      }
      int columns = (window.kernelColumns() - 1) * window.columnDilation();
      reach += (gathered ? 2L : 1L) * vectorBytes + (long) columns * input.pixelBytes();
      input.requireWithin(start, lastRow + reach);
      if (walk.rest().isEmpty() && walk.count() == 0) {
        throw new IllegalStateException("A row of " + name + " is empty.");
      }
    }

    private void emitRows(int rows, int count) {
      if (count == 0) {
        return;
      }
      assembler.lea(WEIGHTS, Mem.at(constants(rows)));
      for (var _ : code.loop(ROW_COUNT, count)) {
        for (var _ : code.loop(STEP_COUNT, walk.count())) {
          for (Step step : walk.repeated()) {
            emitStep(step, rows);
          }
          code.advance(IN, walk.inputStep());
          code.advance(OUT, walk.outputStep());
        }
        for (Step step : walk.rest()) {
          emitStep(step, rows);
        }
        code.advance(
            IN, rows * window.rowStride() * input.rowBytes() - walk.count() * walk.inputStep());
        code.advance(OUT, rows * output.rowBytes() - walk.count() * walk.outputStep());
      }
    }

    // Constants: for each pattern those of four vectors of filters, then the weights.

    private int constantBytes() {
      return 4 * sums.constants() * vectorBytes;
    }

    private int patternBytes(int rows) {
      int dots = 0;
      for (int row = 0; row < rows; row++) {
        for (int quad = 0; quad < quads(rows); quad++) {
          dots += uses(row, quad) ? 1 : 0;
        }
      }
      return constantBytes() + dots * window.kernelColumns() * 4 * weightBytes;
    }

    /** Which channel an element of 32 bits of one of four vectors of sums has. */
    private int channel(int pattern, int vector, int element) {
      int place = pattern * vectorBytes + 16 * (element / 4) + 4 * vector + element % 4;
      return place % output.pixelBytes();
    }

    private Label constants(int rows) {
      int patterns = patternCount();
      ByteBuffer buffer =
          ByteBuffer.allocate(patterns * patternBytes(rows)).order(ByteOrder.LITTLE_ENDIAN);
      for (int pattern = 0; pattern < patterns; pattern++) {
        for (int kind = 0; kind < sums.constants(); kind++) {
          for (int i = 0; i < vectorBytes; i++) {
            int channel = channel(pattern, i / code.dwords(), i % code.dwords());
            buffer.putInt(channel < sums.filters() ? sums.constant(kind, channel) : 0);
          }
        }
        for (int column = 0; column < window.kernelColumns(); column++) {
          for (int quad = 0; quad < quads(rows); quad++) {
            for (int row = 0; row < rows; row++) {
              if (uses(row, quad)) {
                buffer.put(weights(pattern, column, quad, row));
              }
            }
          }
        }
      }
      return assembler.constants().bytes(buffer.array());
    }

    private byte[] weights(int pattern, int column, int quad, int row) {
      byte[] packed = new byte[4 * weightBytes];
      for (int vector = 0; vector < 4; vector++) {
        for (int element = 0; element < code.dwords(); element++) {
          int channel = channel(pattern, vector, element);
          for (int i = 0; i < 4 && channel < sums.filters(); i++) {
            int tap = tap(row, 4 * quad + i);
            if (tap >= 0) {
              int weight =
                  sums.weights()[
                      (channel * window.kernelRows() + tap) * window.kernelColumns() + column];
              DotProduct.put(isa, packed, vector * weightBytes, element, i, weight);
            }
          }
        }
      }
      return packed;
    }

    // One vector of some rows of the output.

    private void emitStep(Step step, int rows) {
      int base = step.pattern() * patternBytes(rows);
      for (int row = 0; row < rows; row++) {
        for (int vector = 0; vector < 4; vector++) {
          code.load(4 * row + vector, Mem.at(WEIGHTS, base + vector * vectorBytes));
        }
      }
      int interleaved = 4 * rows;
      int weights = base + constantBytes();
      for (int column = 0; column < window.kernelColumns(); column++) {
        int offset = step.inputOffset() + column * window.columnDilation() * input.pixelBytes();
        for (int quad = 0; quad < quads(rows); quad++) {
          if (used(rows, quad)) {
            interleave(interleaved, offset, quad, inputRows(rows));
          }
          for (int vector = 0; vector < 4; vector++) {
            weights = addProducts(rows, quad, vector, interleaved, weights);
          }
          for (int row = 0; row < rows; row++) {
            weights += uses(row, quad) ? 4 * weightBytes : 0;
          }
        }
      }
      store(step, rows, base, interleaved);
    }

    private boolean used(int rows, int quad) {
      for (int row = 0; row < rows; row++) {
        if (uses(row, quad)) {
          return true;
        }
      }
      return false;
    }

    private int addProducts(int rows, int quad, int vector, int interleaved, int weights) {
      DotProduct dot = new DotProduct(code);
      int spares = interleaved + INTERLEAVED;
      if (used(rows, quad)) {
        dot.prepare(interleaved + vector, spares);
      }
      int at = weights;
      for (int row = 0; row < rows; row++) {
        if (uses(row, quad)) {
          Mem from = Mem.at(WEIGHTS, at + vector * weightBytes);
          dot.add(4 * row + vector, interleaved + vector, spares, from);
          at += 4 * weightBytes;
        }
      }
      return weights;
    }

    /** Four rows of the input, byte by byte, into four registers. */
    private void interleave(int to, int offset, int quad, int rows) {
      int first = 4 * quad;
      int spare = to + INTERLEAVED;
      // With fewer rows than four the last one stands for the others, with weights 0.
      row(to, offset, Math.min(first, rows - 1), spare);
      row(to + 1, offset, Math.min(first + 1, rows - 1), spare);
      row(to + 2, offset, Math.min(first + 2, rows - 1), spare);
      row(to + 3, offset, Math.min(first + 3, rows - 1), spare);
      code.op(VPUNPCKHBW, spare, to, to + 1);
      code.op(VPUNPCKLBW, to, to, to + 1);
      code.op(VPUNPCKHBW, spare + 1, to + 2, to + 3);
      code.op(VPUNPCKLBW, to + 2, to + 2, to + 3);
      code.op(VPUNPCKHWD, to + 1, to, to + 2);
      code.op(VPUNPCKLWD, to, to, to + 2);
      code.op(VPUNPCKHWD, to + 3, spare, spare + 1);
      code.op(VPUNPCKLWD, to + 2, spare, spare + 1);
    }

    private void row(int to, int offset, int row, int spare) {
      Mem from = Mem.at(IN, row * input.rowBytes() + offset);
      code.load(to, from);
      if (gathered) {
        int[] indices = new int[code.dwords()];
        int perPlace = output.pixelBytes() / 4;
        for (int i = 0; i < indices.length; i++) {
          indices[i] = i / perPlace * 2 * perPlace + i % perPlace;
        }
        code.load(spare, code.ints(indices));
        code.op(VPERMT2D, to, spare, from.plus(vectorBytes));
      }
    }

    private void store(Step step, int rows, int base, int spare) {
      Requantization requantization = sums.requantization();
      for (int vector = 0; vector < 4; vector++) {
        int[] ofVector = new int[rows];
        for (int row = 0; row < rows; row++) {
          ofVector[row] = 4 * row + vector;
        }
        Mem[] factors = new Mem[requantization.factors()];
        for (int i = 0; i < factors.length; i++) {
          factors[i] = Mem.at(WEIGHTS, base + (4 * (i + 1) + vector) * vectorBytes);
        }
        requantization.scale(code, ofVector, factors, spare);
      }
      for (int row = 0; row < rows; row++) {
        int[] registers = {4 * row, 4 * row + 1, 4 * row + 2, 4 * row + 3};
        requantization.pack(code, registers);
        code.store(
            Mem.at(OUT, row * output.rowBytes() + step.outputOffset()),
            registers[0],
            0,
            step.dwords(),
            spare);
      }
    }
  }
}
