package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.KMOVW_FROM_GPR;
import static dev.tinytitan.codegen.x86.Instruction.VCVTPS2DQ;
import static dev.tinytitan.codegen.x86.Instruction.VGATHERDPS;
import static dev.tinytitan.codegen.x86.Instruction.VGATHERDPS_VEX;
import static dev.tinytitan.codegen.x86.Instruction.VMAXPS;
import static dev.tinytitan.codegen.x86.Instruction.VMINPS;
import static dev.tinytitan.codegen.x86.Instruction.VMULPS;
import static dev.tinytitan.codegen.x86.Instruction.VPADDD;
import static dev.tinytitan.codegen.x86.Instruction.VPSLLD;

import dev.tinytitan.codegen.emit.Quotient;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mask;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.X86Assembler;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Floats to stored bytes: from a Java array as ONNX has it (channel by channel), or from a buffer.
 *
 * <p>{@code rint(x / scale)} must be the exact quotient's rounding ({@link Quotient}). Values that
 * saturate are cut before, infinities and NaN with them; NaN gives the least result.
 */
final class QuantizeLayer implements Layer {
  private static final Gpr IN = Gpr.RSI;
  private static final Gpr OUT = Gpr.RDI;
  private static final Gpr ROW_COUNT = Gpr.R12;
  private static final Gpr COUNT = Gpr.R13;
  private static final int X = 0;
  private static final int PACKED = 1;
  private static final int QUOTIENT = 2;
  private static final int REMAINDER = 3;
  private static final int INDICES = 4;
  private static final int SCALE = 5;
  private static final int RECIPROCAL = 6;
  private static final int LEAST = 7;
  private static final int GREATEST = 8;
  private static final int ZERO = 9;
  private static final int SPARE = 10;

  private final @Nullable Buffer input;
  private final Buffer output;
  private final float scale;
  private final int zeroPoint;
  private final boolean rowMajorRows;

  /**
   * @param input null if it is a Java array
   * @param zeroPoint as the model has it
   * @param rowMajorRows whether the input's elements lie in the order of the output's: one row for
   *     each row, channels last
   */
  QuantizeLayer(
      @Nullable Buffer input, Buffer output, float scale, int zeroPoint, boolean rowMajorRows) {
    this.input = input;
    this.output = output;
    this.scale = scale;
    this.zeroPoint = zeroPoint;
    this.rowMajorRows = rowMajorRows;
  }

  @Override
  public String name() {
    return "quantize";
  }

  @Override
  public long products() {
    return 0;
  }

  @Override
  public long bytes() {
    return 16L * output.height() * output.width() * output.channels();
  }

  @Override
  public void emit(VectorCode code) {
    int low = (int) output.dtype().minValue();
    int high = (int) output.dtype().maxValue();
    code.load(SCALE, code.floats(scale));
    code.load(RECIPROCAL, code.floats(1 / scale));
    code.load(LEAST, code.floats((low - zeroPoint) * scale));
    code.load(GREATEST, code.floats((high - zeroPoint) * scale));
    code.load(ZERO, code.ints(zeroPoint + output.storedOffset()));
    code.assembler().lea(OUT, Mem.at(Layer.MEMORY, output.inside()));
    if (input != null) {
      code.assembler().lea(IN, Mem.at(Layer.MEMORY, input.inside()));
    } else {
      code.assembler().mov(IN, Layer.OUTSIDE);
    }
    if (rowMajorRows) {
      emitRows(code);
    } else if (output.pixelBytes() == 4) {
      emitPlanes(code);
    } else {
      emitGathered(code);
    }
  }

  /** Each row of floats becomes a row of bytes. */
  private void emitRows(VectorCode code) {
    int length = output.width() * output.channels();
    int floats = code.dwords();
    int whole = length / floats;
    int rest = length % floats;
    code.prepareStore(0, rest);
    for (var _ : code.loop(ROW_COUNT, output.height())) {
      for (var _ : code.loop(COUNT, whole)) {
        emitPiece(code, floats);
        code.advance(IN, 4 * floats);
        code.advance(OUT, floats);
      }
      if (rest > 0) {
        emitPiece(code, rest);
      }
      code.advance(IN, 4 * rest);
      code.advance(OUT, output.rowBytes() - whole * floats);
    }
  }

  private void emitPiece(VectorCode code, int count) {
    code.loadFirst(X, Mem.at(IN), count, SPARE);
    quantize(code, X);
    code.storeBytes(Mem.at(OUT), X, count, SPARE);
  }

  /** Up to four planes of floats become the four bytes of each place. */
  private void emitPlanes(VectorCode code) {
    int floats = code.dwords();
    int whole = output.width() / floats;
    int rest = output.width() % floats;
    code.prepareStore(0, rest);
    for (var _ : code.loop(ROW_COUNT, output.height())) {
      for (var _ : code.loop(COUNT, whole)) {
        emitPlanesOfPiece(code, floats);
        code.advance(IN, 4 * floats);
        code.advance(OUT, 4 * floats);
      }
      if (rest > 0) {
        emitPlanesOfPiece(code, rest);
      }
      code.advance(IN, 4 * rest);
      code.advance(OUT, output.rowBytes() - whole * 4 * floats);
    }
  }

  private void emitPlanesOfPiece(VectorCode code, int count) {
    int plane = 4 * output.height() * output.width();
    for (int channel = 0; channel < output.channels(); channel++) {
      int to = channel == 0 ? PACKED : X;
      code.loadFirst(to, Mem.at(IN, channel * plane), count, SPARE);
      quantize(code, to);
      if (channel > 0) {
        code.assembler().emit(VPSLLD, code.vector(to), code.vector(to), 8 * channel);
        code.or(PACKED, PACKED, to);
      }
    }
    code.store(Mem.at(OUT), PACKED, 0, count, SPARE);
  }

  /** Place by place; channels are gathered from their planes. */
  private void emitGathered(VectorCode code) {
    int floats = code.dwords();
    int plane = output.height() * output.width();
    int[] indices = new int[floats];
    Arrays.setAll(indices, i -> i * plane);
    code.load(INDICES, code.ints(indices));
    int channels = output.channels();
    code.prepareStore(0, channels % floats);
    for (var _ : code.loop(ROW_COUNT, output.height())) {
      for (var _ : code.loop(COUNT, output.width())) {
        for (int channel = 0; channel < channels; channel += floats) {
          int count = Math.min(floats, channels - channel);
          gather(code, Mem.at(IN, 4 * channel * plane), count);
          quantize(code, X);
          code.storeBytes(Mem.at(OUT, channel), X, count, SPARE);
        }
        code.advance(IN, 4);
        code.advance(OUT, output.pixelBytes());
      }
      code.advance(OUT, output.rowBytes() - output.rowInside());
    }
  }

  /** Loads a float of each of the next channels; others become 0. A gather clears its mask. */
  private void gather(VectorCode code, Mem from, int count) {
    X86Assembler assembler = code.assembler();
    Mem places = from.plus(code.vector(INDICES), 4);
    code.clear(X);
    if (code.isa().vectorBits() == 512) {
      assembler.mov(Gpr.RAX, (1 << count) - 1);
      assembler.emit(KMOVW_FROM_GPR, Mask.K7, Gpr.RAX);
      assembler.emit(VGATHERDPS, code.vector(X).merging(Mask.K7), places);
    } else {
      code.load(SPARE, code.ints(code.firstOnes(count)));
      assembler.emit(VGATHERDPS_VEX, code.vector(X), places, code.vector(SPARE));
    }
  }

  /** Turns floats into stored values. */
  private void quantize(VectorCode code, int x) {
    // The second operand is what NaN gives.
    code.op(VMAXPS, x, x, LEAST);
    code.op(VMINPS, x, x, GREATEST);
    if (Float.floatToRawIntBits(scale) << 9 == 0) {
      code.op(VMULPS, x, x, RECIPROCAL);
    } else {
      Quotient.emit(code, QUOTIENT, x, SCALE, RECIPROCAL, REMAINDER);
      code.copy(x, QUOTIENT);
    }
    code.op(VCVTPS2DQ, x, x);
    code.op(VPADDD, x, x, ZERO);
  }
}
