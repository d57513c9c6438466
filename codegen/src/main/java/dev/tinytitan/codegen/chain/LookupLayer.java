package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.code.Label;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.X86Assembler;

/** Any function of one byte, from a table of 256. */
final class LookupLayer implements SplitLayer {
  private static final Gpr IN = Gpr.RSI;
  private static final Gpr OUT = Gpr.RDI;
  private static final Gpr TABLE = Gpr.RBX;
  private static final Gpr ROW_COUNT = Gpr.R12;
  private static final Gpr COUNT = Gpr.R13;
  private static final int UNROLL = 4;

  private final Buffer input;
  private final Buffer output;
  private final byte[] table;

  /**
   * @param table stored results by stored values
   */
  LookupLayer(Buffer input, Buffer output, byte[] table) {
    this.input = input;
    this.output = output;
    this.table = table.clone();
  }

  @Override
  public String name() {
    return "lookup";
  }

  @Override
  public long products() {
    return 0;
  }

  @Override
  public long bytes() {
    return 64L * output.byteSize();
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
    return new LookupLayer(input.rows(from, to), output.rows(from, to), table);
  }

  @Override
  public void emit(VectorCode code) {
    X86Assembler assembler = code.assembler();
    Label tablePlace = assembler.constants().bytes(table);
    assembler.lea(TABLE, Mem.at(tablePlace));
    assembler.lea(IN, Mem.at(Layer.MEMORY, input.inside()));
    assembler.lea(OUT, Mem.at(Layer.MEMORY, output.inside()));
    // Rows are whole groups of four bytes.
    int bytes = input.rowInside();
    for (var _ : code.loop(ROW_COUNT, input.height())) {
      for (var _ : code.loop(COUNT, bytes / UNROLL)) {
        for (int i = 0; i < UNROLL; i++) {
          assembler.movzx8(Gpr.RAX, Mem.at(IN, i));
          assembler.movzx8(Gpr.RAX, Mem.at(TABLE).plus(Gpr.RAX, 1));
          assembler.mov8(Mem.at(OUT, i), Gpr.RAX);
        }
        assembler.add(IN, UNROLL);
        assembler.add(OUT, UNROLL);
      }
      code.advance(IN, input.rowBytes() - bytes);
      code.advance(OUT, output.rowBytes() - bytes);
    }
  }
}
