package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.X86Assembler;

/** Brings a Java array of floats, as ONNX has it, into a buffer. */
final class FloatInputLayer implements Layer {
  private static final Gpr IN = Gpr.RSI;
  private static final Gpr OUT = Gpr.RDI;
  private static final Gpr CHANNEL_COUNT = Gpr.R11;
  private static final Gpr ROW_COUNT = Gpr.R12;
  private static final Gpr COUNT = Gpr.R13;

  /** Places that are moved without a jump. */
  private static final int UNROLLED = 8;

  private final Buffer output;
  private final boolean rowMajorRows;

  /**
   * @param rowMajorRows whether the array's elements lie in the order of the buffer's rows; else
   *     channel by channel
   */
  FloatInputLayer(Buffer output, boolean rowMajorRows) {
    this.output = output;
    this.rowMajorRows = rowMajorRows;
  }

  @Override
  public String name() {
    return "input";
  }

  @Override
  public long products() {
    return 0;
  }

  @Override
  public long bytes() {
    return 8L * output.byteSize();
  }

  @Override
  public void emit(VectorCode code) {
    output.requireWithin(
        output.inside(),
        output.inside() + (output.height() - 1L) * output.rowBytes() + (long) output.rowInside());
    code.assembler().mov(IN, Layer.OUTSIDE);
    code.assembler().lea(OUT, Mem.at(Layer.MEMORY, output.inside()));
    boolean alike = output.channels() == 1 || output.height() * output.width() == 1;
    if (rowMajorRows || alike) {
      emitRows(code);
    } else {
      emitPlanes(code);
    }
  }

  private void emitRows(VectorCode code) {
    int floats = output.rowInside() / Float.BYTES;
    int whole = floats / code.dwords();
    int rest = floats % code.dwords();
    code.prepareStore(0, rest);
    for (var _ : code.loop(ROW_COUNT, output.height())) {
      for (var _ : code.loop(COUNT, whole)) {
        code.load(0, Mem.at(IN));
        code.store(Mem.at(OUT), 0, 0, code.dwords(), 1);
        code.advance(IN, code.vectorBytes());
        code.advance(OUT, code.vectorBytes());
      }
      // One by one: nothing behind the array may be read.
      for (int i = 0; i < rest; i++) {
        move(code.assembler(), 4 * i, 4 * i);
      }
      code.advance(IN, 4 * rest);
      code.advance(OUT, output.rowBytes() - whole * code.vectorBytes());
    }
  }

  private void emitPlanes(VectorCode code) {
    int whole = output.width() / UNROLLED;
    int rest = output.width() % UNROLLED;
    for (var _ : code.loop(CHANNEL_COUNT, output.channels())) {
      for (var _ : code.loop(ROW_COUNT, output.height())) {
        for (var _ : code.loop(COUNT, whole)) {
          emitPlaces(code, UNROLLED);
          code.advance(OUT, UNROLLED * output.pixelBytes());
        }
        emitPlaces(code, rest);
        code.advance(OUT, output.rowBytes() - whole * UNROLLED * output.pixelBytes());
      }
      code.advance(OUT, Float.BYTES - output.height() * output.rowBytes());
    }
  }

  private void emitPlaces(VectorCode code, int count) {
    for (int i = 0; i < count; i++) {
      move(code.assembler(), 4 * i, i * output.pixelBytes());
    }
    code.advance(IN, 4 * count);
  }

  private static void move(X86Assembler assembler, int from, int to) {
    assembler.mov32(Gpr.RAX, Mem.at(IN, from));
    assembler.mov32(Mem.at(OUT, to), Gpr.RAX);
  }
}
