package dev.tinytitan.simd;

import dev.tinytitan.kernel.Engine;
import dev.tinytitan.kernel.KernelRow;
import dev.tinytitan.kernel.VectorOperations;
import java.util.List;
import java.util.Optional;

/** The kernels of {@code core} on inner loops that are written with the Vector API. */
public final class SimdEngine implements Engine {
  private static final String MODULE = "jdk.incubator.vector";

  @Override
  public String name() {
    return "simd";
  }

  @Override
  public int rank() {
    return 20;
  }

  @Override
  public Optional<String> problem() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return Optional.of(
          "the module " + MODULE + " is not there; start Java with --add-modules " + MODULE + ".");
    }
    return Optional.empty();
  }

  @Override
  public List<KernelRow> rows() {
    return operations().allRows();
  }

  /** The inner loops; only where {@link #problem} is empty. */
  static VectorOperations operations() {
    return new VectorOperations(
        new SimdMatrixOperations(),
        new SimdWindowOperations(),
        new SimdElementOperations(),
        new SimdRowOperations(),
        new SimdIntegerOperations());
  }
}
