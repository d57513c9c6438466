package dev.tinytitan.kernel;

import java.util.ArrayList;
import java.util.List;

/** The integer kernels of this package, on the inner loops of an engine. */
final class IntegerRows {
  private IntegerRows() {}

  /** One row for each kernel, computing with these inner loops. */
  static List<KernelRow> of(VectorOperations operations) {
    List<KernelRow> rows = new ArrayList<>();
    rows.add(new IntegerConvRow(operations));
    rows.add(new IntegerMatMulRow(operations));
    rows.add(new QuantizedMatMulRow(operations));
    rows.add(new IntegerGlobalAverageRow(operations));
    rows.addAll(IntegerElementRow.all(operations.integers()));
    return rows;
  }
}
