package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.VADDPS;
import static dev.tinytitan.codegen.x86.Instruction.VANDPS;
import static dev.tinytitan.codegen.x86.Instruction.VDIVPS;
import static dev.tinytitan.codegen.x86.Instruction.VMAXPS;
import static dev.tinytitan.codegen.x86.Instruction.VORPS;
import static dev.tinytitan.codegen.x86.Instruction.VSUBPS;

import dev.tinytitan.codegen.emit.Exponential;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import java.util.Arrays;

/**
 * Softmax over the channels of each row, on floats in buffers. {@link
 * dev.tinytitan.codegen.standin.SoftmaxRow} does the same, operation by operation, in Java.
 */
final class SoftmaxLayer implements SplitLayer {
  private static final Gpr IN = Gpr.RSI;
  private static final Gpr OUT = Gpr.RDI;
  private static final Gpr ROW_COUNT = Gpr.R12;
  private static final int X = 0;

  /** And two behind it. */
  private static final int SPARE = 1;

  private static final int GREATEST = 4;
  private static final int SUM = 5;

  private final Buffer input;
  private final Buffer output;

  SoftmaxLayer(Buffer input, Buffer output) {
    this.input = input;
    this.output = output;
  }

  @Override
  public String name() {
    return "softmax";
  }

  @Override
  public long products() {
    return 0;
  }

  @Override
  public long bytes() {
    return 20L * input.byteSize();
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
    return new SoftmaxLayer(input.rows(from, to), output.rows(from, to));
  }

  @Override
  public void emit(VectorCode code) {
    int vectors = Math.ceilDiv(input.channels(), code.dwords());
    code.prepareStore(0, input.channels() % code.dwords());
    code.assembler().lea(IN, Mem.at(Layer.MEMORY, input.inside()));
    code.assembler().lea(OUT, Mem.at(Layer.MEMORY, output.inside()));
    for (var _ : code.loop(ROW_COUNT, input.height())) {
      for (int i = 0; i < vectors; i++) {
        loadRow(code, i, i == 0 ? GREATEST : X);
        if (i > 0) {
          code.op(VMAXPS, GREATEST, GREATEST, X);
        }
      }
      code.reduce(VMAXPS, GREATEST, SPARE);
      for (int i = 0; i < vectors; i++) {
        loadRow(code, i, X);
        code.op(VSUBPS, X, X, GREATEST);
        Exponential.emit(code, X, SPARE);
        keepRow(code, i, X, 0);
        store(code, i, X);
        if (i == 0) {
          code.copy(SUM, X);
        } else {
          code.op(VADDPS, SUM, SUM, X);
        }
      }
      code.reduce(VADDPS, SUM, SPARE);
      for (int i = 0; i < vectors; i++) {
        code.load(X, Mem.at(OUT, i * code.vectorBytes()));
        code.op(VDIVPS, X, X, SUM);
        store(code, i, X);
      }
      code.advance(IN, input.rowBytes());
      code.advance(OUT, output.rowBytes());
    }
  }

  private int elements(VectorCode code, int vector) {
    return Math.min(code.dwords(), input.channels() - vector * code.dwords());
  }

  private void loadRow(VectorCode code, int vector, int to) {
    code.load(to, Mem.at(IN, vector * code.vectorBytes()));
    keepRow(code, vector, to, Float.floatToRawIntBits(-Float.MAX_VALUE));
  }

  /** Replaces what lies behind the row's end. */
  private void keepRow(VectorCode code, int vector, int register, int replacement) {
    int count = elements(code, vector);
    if (count == code.dwords()) {
      return;
    }
    int[] keep = new int[code.dwords()];
    int[] other = new int[code.dwords()];
    Arrays.fill(keep, 0, count, -1);
    Arrays.fill(other, count, other.length, replacement);
    code.op(VANDPS, register, register, code.ints(keep));
    code.op(VORPS, register, register, code.ints(other));
  }

  private void store(VectorCode code, int vector, int register) {
    Mem to = Mem.at(OUT, vector * code.vectorBytes());
    code.store(to, register, 0, elements(code, vector), SPARE);
  }
}
