package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.VCVTDQ2PS;
import static dev.tinytitan.codegen.x86.Instruction.VMULPS;
import static dev.tinytitan.codegen.x86.Instruction.VPMOVZXBD;
import static dev.tinytitan.codegen.x86.Instruction.VSUBPS;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;

/** Stored bytes to floats in a buffer: {@code (x - zero point) · scale}. */
final class DequantizeLayer implements SplitLayer {
  private static final Gpr IN = Gpr.RSI;
  private static final Gpr OUT = Gpr.RDI;
  private static final Gpr ROW_COUNT = Gpr.R12;
  private static final Gpr COLUMN_COUNT = Gpr.R11;
  private static final Gpr COUNT = Gpr.R13;
  private static final int SPARE = 1;
  private static final int SCALE = 2;
  private static final int ZERO = 3;

  private final Buffer input;
  private final Buffer output;
  private final float scale;
  private final int zeroPoint;

  /**
   * @param zeroPoint as the model has it
   */
  DequantizeLayer(Buffer input, Buffer output, float scale, int zeroPoint) {
    this.input = input;
    this.output = output;
    this.scale = scale;
    this.zeroPoint = zeroPoint;
  }

  @Override
  public String name() {
    return "dequantize";
  }

  @Override
  public long products() {
    return 0;
  }

  @Override
  public long bytes() {
    return 5L * input.byteSize();
  }

  @Override
  public int rows() {
    return output.height();
  }

  @Override
  public boolean isRowwise() {
    return true;
  }

  @Override
  public Layer rows(int from, int to) {
    return new DequantizeLayer(input.rows(from, to), output.rows(from, to), scale, zeroPoint);
  }

  @Override
  public void emit(VectorCode code) {
    code.load(SCALE, code.floats(scale));
    code.load(ZERO, code.floats(zeroPoint + input.storedOffset()));
    code.assembler().lea(IN, Mem.at(Layer.MEMORY, input.inside()));
    code.assembler().lea(OUT, Mem.at(Layer.MEMORY, output.inside()));
    int channels = input.channels();
    int floats = code.dwords();
    int whole = channels / floats;
    int rest = channels % floats;
    code.prepareStore(0, rest);
    for (var _ : code.loop(ROW_COUNT, input.height())) {
      for (var _ : code.loop(COLUMN_COUNT, input.width())) {
        for (var _ : code.loop(COUNT, whole)) {
          emitVector(code, floats);
          code.advance(IN, floats);
          code.advance(OUT, 4 * floats);
        }
        if (rest > 0) {
          emitVector(code, rest);
        }
        code.advance(IN, input.pixelBytes() - whole * floats);
        code.advance(OUT, output.pixelBytes() - whole * 4 * floats);
      }
      code.advance(IN, input.rowBytes() - input.rowInside());
      code.advance(OUT, output.rowBytes() - output.rowInside());
    }
  }

  private void emitVector(VectorCode code, int count) {
    code.assembler().emit(VPMOVZXBD, code.vector(0), Mem.at(IN));
    code.op(VCVTDQ2PS, 0, 0);
    code.op(VSUBPS, 0, 0, ZERO);
    code.op(VMULPS, 0, 0, SCALE);
    code.store(Mem.at(OUT), 0, 0, count, SPARE);
  }
}
