package dev.tinytitan.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * What an engine gives so that the kernels of this package run on it: the inner loops. Everything
 * around them (addresses, packing, blocks, parts) is written once and shared by all engines.
 *
 * @param matrices products of gathered rows with packed matrices
 * @param windows depthwise convolution and pooling over channels
 * @param elements functions of each element by itself, or of pairs
 * @param rows functions of whole rows: softmax, normalization, sums
 * @param integers what is done around exact integer sums
 */
public record VectorOperations(
    MatrixOperations matrices,
    WindowOperations windows,
    ElementOperations elements,
    RowOperations rows,
    IntegerOperations integers) {

  /** The inner loops in plain Java; other engines may use some of them. */
  public static VectorOperations portable() {
    return PortableEngine.operations();
  }

  /** The kernels of this package and of extensions, on these inner loops. */
  public List<KernelRow> allRows() {
    List<KernelRow> rows = new ArrayList<>(FloatRows.of(this));
    rows.addAll(IntegerRows.of(this));
    rows.addAll(KernelExtensions.rows(this));
    return List.copyOf(rows);
  }
}
