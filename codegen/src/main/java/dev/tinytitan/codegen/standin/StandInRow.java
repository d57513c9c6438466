package dev.tinytitan.codegen.standin;

import dev.tinytitan.kernel.KernelRow;
import dev.tinytitan.kernel.Layout;
import java.util.EnumSet;
import java.util.Set;

/** What kernels that stand in have in common: they take tensors as they are, and cost little. */
abstract class StandInRow implements KernelRow {

  @Override
  public Set<Layout> layouts() {
    return EnumSet.of(Layout.ROW_MAJOR);
  }
}
