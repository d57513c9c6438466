package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.VBROADCASTSS;
import static dev.tinytitan.codegen.x86.Instruction.VPSHUFB;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Mem;
import java.util.List;

/**
 * Requantizes sums. Of four filters the packed bytes of a lane come out filter by filter, four
 * places each; one shuffle brings the four filters of a place together.
 */
final class IntegerPlaneOutput implements PlaneOutput {
  private static final int FILTERS = 4;

  private final VectorCode code;
  private final Requantization requantization;
  private final boolean uniform;

  /**
   * @param uniform whether all filters have the same factors
   */
  IntegerPlaneOutput(VectorCode code, Requantization requantization, boolean uniform) {
    this.code = code;
    this.requantization = requantization;
    this.uniform = uniform;
  }

  @Override
  public int filtersInPlane() {
    return FILTERS;
  }

  @Override
  public void emit(
      int sums,
      int filters,
      int vectors,
      Mem factors,
      PlaneSink sink,
      int firstPlane,
      int spare,
      int other) {
    for (int filter = 0; filter < filters; filter++) {
      if (filter == 0 || !uniform) {
        Mem first = factors.plus(Float.BYTES * filter);
        code.assembler().emit(VBROADCASTSS, code.vector(spare), first);
        if (requantization.factors() > 1) {
          Mem second = first.plus(Float.BYTES * filters);
          code.assembler().emit(VBROADCASTSS, code.vector(other), second);
        }
      }
      for (int vector = 0; vector < vectors; vector++) {
        requantization.scale(code, sums + filter * vectors + vector, spare, other);
      }
    }
    code.load(spare, code.ints(transposition()));
    int planes = filters / FILTERS;
    for (int vector = 0; vector < vectors; vector++) {
      for (int plane = 0; plane < planes; plane++) {
        int first = sums + plane * FILTERS * vectors + vector;
        requantization.pack(code, first, first + vectors, first + 2 * vectors, first + 3 * vectors);
        code.op(VPSHUFB, first, first, spare);
      }
      List<Integer> registers = PlaneSink.registers(sums + vector, FILTERS * vectors, planes);
      sink.store(vector, firstPlane, registers, other);
    }
  }

  /** For each byte of a lane where it comes from: four times four bytes, transposed. */
  private int[] transposition() {
    int[] bytes = new int[code.dwords()];
    for (int i = 0; i < bytes.length; i++) {
      int place = i % 4;
      bytes[i] = 0x0C080400 + 0x01010101 * place;
    }
    return bytes;
  }
}
