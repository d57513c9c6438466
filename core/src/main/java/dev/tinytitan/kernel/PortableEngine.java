package dev.tinytitan.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Kernels in plain Java loops, which the JVM's compiler vectorizes: everywhere, no flag. */
public final class PortableEngine implements Engine {
  /** Creates the engine; it has no state. */
  public PortableEngine() {}

  @Override
  public String name() {
    return "portable";
  }

  @Override
  public int rank() {
    return 10;
  }

  @Override
  public Optional<String> problem() {
    return Optional.empty();
  }

  @Override
  public List<KernelRow> rows() {
    List<KernelRow> rows = new ArrayList<>(PlainRows.all());
    rows.addAll(PlanarConvRow.all(operations()));
    rows.addAll(operations().allRows());
    return rows;
  }

  /** The inner loops. */
  static VectorOperations operations() {
    return new VectorOperations(
        new PortableMatrixOperations(),
        new PortableWindowOperations(),
        new PortableElementOperations(),
        new PortableRowOperations(),
        new PortableIntegerOperations());
  }
}
