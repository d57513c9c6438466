package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.VADDPS;
import static dev.tinytitan.codegen.x86.Instruction.VBROADCASTSS;
import static dev.tinytitan.codegen.x86.Instruction.VCVTDQ2PS;
import static dev.tinytitan.codegen.x86.Instruction.VCVTPS2DQ;
import static dev.tinytitan.codegen.x86.Instruction.VDIVPS;
import static dev.tinytitan.codegen.x86.Instruction.VMULPS;
import static dev.tinytitan.codegen.x86.Instruction.VPMAXUB;
import static dev.tinytitan.codegen.x86.Instruction.VPMOVZXBD;
import static dev.tinytitan.codegen.x86.Instruction.VSUBPS;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.X86Assembler;
import dev.tinytitan.op.IntegerAveragePool;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The maximum or the mean under a window, place by place. The border holds what changes neither:
 * the least stored value for maxima, the zero point for means.
 *
 * <p>Means are floats: the real values are added in the order of the window, each operation rounded
 * as docs/numerics.md has it. A border's elements add exactly 0.
 */
final class PoolLayer implements SplitLayer {
  private static final Gpr IN = Gpr.RSI;
  private static final Gpr OUT = Gpr.RDI;
  private static final Gpr COUNTS = Gpr.RBX;
  private static final Gpr ROW_COUNT = Gpr.R12;
  private static final Gpr COLUMN_COUNT = Gpr.R13;
  private static final int X = 4;
  private static final int SPARE = 5;
  private static final int ZERO = 6;
  private static final int SCALE = 7;
  private static final int COUNT = 8;

  private final Buffer input;
  private final Buffer output;
  private final ProductLayer.Window window;
  private final @Nullable IntegerAveragePool average;
  private final float[] counts;

  /**
   * @param average null for maxima
   * @param counts for means, by how many elements the sum of each place is divided
   */
  PoolLayer(
      Buffer input,
      Buffer output,
      ProductLayer.Window window,
      @Nullable IntegerAveragePool average,
      float[] counts) {
    this.input = input;
    this.output = output;
    this.window = window;
    this.average = average;
    this.counts = counts.clone();
  }

  /** How far a mean may be from 0 before it is cut; conversion needs less than 2³¹. */
  static double reach(IntegerAveragePool pool) {
    return 256.0 * Math.abs(pool.xScale() / pool.yScale()) + 256;
  }

  @Override
  public String name() {
    return average == null ? "maxpool" : "averagepool";
  }

  @Override
  public long products() {
    return 0;
  }

  @Override
  public long bytes() {
    long taps = (long) window.kernelRows() * window.kernelColumns();
    return output.byteSize() * taps * (average == null ? 1 : 8);
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
    return new PoolLayer(
        window.inputRows(input, from, to),
        output.rows(from, to),
        window,
        average,
        average == null
            ? counts
            : Arrays.copyOfRange(counts, from * output.width(), to * output.width()));
  }

  @Override
  public void emit(VectorCode code) {
    X86Assembler assembler = code.assembler();
    int start =
        input.inside() - window.top() * input.rowBytes() - window.left() * input.pixelBytes();
    int lastRow =
        (output.height() - 1) * window.rowStride()
            + (window.kernelRows() - 1) * window.rowDilation();
    int lastColumn =
        (output.width() - 1) * window.columnStride()
            + (window.kernelColumns() - 1) * window.columnDilation();
    input.requireWithin(
        start,
        start
            + (long) lastRow * input.rowBytes()
            + (long) lastColumn * input.pixelBytes()
            + (long) Math.ceilDiv(input.pixelBytes(), code.vectorBytes()) * code.vectorBytes());
    assembler.lea(IN, Mem.at(Layer.MEMORY, start));
    assembler.lea(OUT, Mem.at(Layer.MEMORY, output.inside()));
    code.prepareStore(0, output.pixelBytes() % code.vectorBytes() / 4);
    if (average != null) {
      assembler.lea(COUNTS, Mem.at(assembler.constants().floats(counts)));
      code.load(ZERO, code.floats(average.xZeroPoint() + input.storedOffset()));
      code.load(SCALE, code.floats(average.xScale()));
    }
    for (var _ : code.loop(ROW_COUNT, output.height())) {
      for (var _ : code.loop(COLUMN_COUNT, output.width())) {
        for (int at = 0; at < output.pixelBytes(); at += code.vectorBytes()) {
          emitPlace(code, at);
        }
        code.advance(IN, window.columnStride() * input.pixelBytes());
        code.advance(OUT, output.pixelBytes());
        code.advance(COUNTS, average == null ? 0 : 4);
      }
      code.advance(
          IN,
          window.rowStride() * input.rowBytes()
              - output.width() * window.columnStride() * input.pixelBytes());
      code.advance(OUT, output.rowBytes() - output.rowInside());
    }
  }

  private Mem tap(int row, int column, int at) {
    return Mem.at(
        IN,
        row * window.rowDilation() * input.rowBytes()
            + column * window.columnDilation() * input.pixelBytes()
            + at);
  }

  private void emitPlace(VectorCode code, int at) {
    if (average == null) {
      for (int row = 0; row < window.kernelRows(); row++) {
        for (int column = 0; column < window.kernelColumns(); column++) {
          if (row + column == 0) {
            code.load(0, tap(0, 0, at));
          } else {
            code.op(VPMAXUB, 0, 0, tap(row, column, at));
          }
        }
      }
    } else {
      emitMean(code, average, at);
    }
    int groups = Math.min(code.vectorBytes(), output.pixelBytes() - at) / 4;
    code.store(Mem.at(OUT, at), 0, 0, groups, SPARE);
  }

  private void emitMean(VectorCode code, IntegerAveragePool pool, int at) {
    code.assembler().emit(VBROADCASTSS, code.vector(COUNT), Mem.at(COUNTS));
    for (int part = 0; part < 4; part++) {
      code.clear(part);
      for (int row = 0; row < window.kernelRows(); row++) {
        for (int column = 0; column < window.kernelColumns(); column++) {
          Mem from = tap(row, column, at + part * code.dwords());
          code.assembler().emit(VPMOVZXBD, code.vector(X), from);
          code.op(VCVTDQ2PS, X, X);
          code.op(VSUBPS, X, X, ZERO);
          code.op(VMULPS, X, X, SCALE);
          code.op(VADDPS, part, part, X);
        }
      }
      code.op(VDIVPS, part, part, COUNT);
      code.op(VDIVPS, part, part, code.floats(pool.yScale()));
      code.op(VADDPS, part, part, code.floats(pool.output().zeroPoint()));
      code.op(VCVTPS2DQ, part, part);
    }
    Requantization.ofRounded(pool.output()).pack(code, 0, 1, 2, 3);
    Requantization.permute(code, 0, SPARE, Requantization.inOrder(code));
  }
}
