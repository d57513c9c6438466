package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.emit.Clipping;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import java.util.stream.IntStream;

/** Cuts sums of floats to a range. */
final class FloatPlaneOutput implements PlaneOutput {
  private final VectorCode code;
  private final Clipping clipping;

  FloatPlaneOutput(VectorCode code, Clipping clipping) {
    this.code = code;
    this.clipping = clipping;
  }

  @Override
  public int filtersInPlane() {
    return 1;
  }

  @Override
  public void emit(
      int sums, int filters, int vectors, Mem multipliers, Gpr to, int planeBytes, int spare) {
    clipping.emit(code, spare, IntStream.range(sums, sums + filters * vectors).toArray());
    for (int filter = 0; filter < filters; filter++) {
      for (int vector = 0; vector < vectors; vector++) {
        Mem place = Mem.at(to, filter * planeBytes + vector * code.vectorBytes());
        code.store(place, sums + filter * vectors + vector, 0, code.dwords(), spare);
      }
    }
  }
}
