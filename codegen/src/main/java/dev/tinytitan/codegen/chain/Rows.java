package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * A walk along the rows of buffers of one shape, vector by vector: the loops of element-wise
 * layers. Rows without gaps between them are one row.
 */
final class Rows {
  private static final List<Gpr> POINTERS = List.of(Gpr.RSI, Gpr.RDX, Gpr.RDI);
  private static final Gpr ROW_COUNT = Gpr.R12;
  private static final Gpr STEP_COUNT = Gpr.R13;

  private final VectorCode code;
  private final List<Buffer> buffers;

  /**
   * @param buffers at most three, of one shape; the last one is written
   */
  Rows(VectorCode code, List<Buffer> buffers) {
    this.code = code;
    this.buffers = buffers;
  }

  /**
   * Writes the loops.
   *
   * @param body gets an address in each buffer, and how many 32-bit elements to store there
   */
  void emit(BiConsumer<List<Mem>, Integer> body) {
    Buffer shape = buffers.get(0);
    boolean oneRow = buffers.stream().allMatch(b -> b.rowBytes() == b.rowInside());
    int rows = oneRow ? 1 : shape.height();
    int bytes = shape.rowInside() * (oneRow ? shape.height() : 1);
    int vector = code.vectorBytes();
    int whole = bytes / vector;
    int rest = bytes % vector / 4;
    code.prepareStore(0, rest);
    for (int i = 0; i < buffers.size(); i++) {
      Buffer buffer = buffers.get(i);
      code.assembler().lea(POINTERS.get(i), Mem.at(Layer.MEMORY, buffer.inside()));
      buffer.requireWithin(
          buffer.inside(),
          buffer.inside() + (rows - 1L) * buffer.rowBytes() + (long) (whole + 1) * vector);
    }
    for (var _ : code.loop(ROW_COUNT, rows)) {
      for (var _ : code.loop(STEP_COUNT, whole)) {
        body.accept(addresses(), code.dwords());
        POINTERS.subList(0, buffers.size()).forEach(p -> code.advance(p, vector));
      }
      if (rest > 0) {
        body.accept(addresses(), rest);
      }
      for (int i = 0; i < buffers.size(); i++) {
        code.advance(POINTERS.get(i), buffers.get(i).rowBytes() - whole * vector);
      }
    }
  }

  private List<Mem> addresses() {
    return POINTERS.subList(0, buffers.size()).stream().map(Mem::at).toList();
  }
}
