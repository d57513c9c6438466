package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.emit.Clipping;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Mem;
import java.util.List;
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
      int sums,
      int filters,
      int vectors,
      Mem factors,
      PlaneSink sink,
      int firstPlane,
      int spare,
      int other) {
    clipping.emit(code, spare, IntStream.range(sums, sums + filters * vectors).toArray());
    for (int vector = 0; vector < vectors; vector++) {
      List<Integer> registers = PlaneSink.registers(sums + vector, vectors, filters);
      sink.store(vector, firstPlane, registers, other);
    }
  }
}
