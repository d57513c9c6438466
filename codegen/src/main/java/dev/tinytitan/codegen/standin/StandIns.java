package dev.tinytitan.codegen.standin;

import dev.tinytitan.kernel.KernelRow;
import java.util.List;

/** The kernels that stand in; what has none of them runs on its operator's reference. */
public final class StandIns {
  private StandIns() {}

  /**
   * The kernels for generated code with vectors of this many floats.
   *
   * @param lanes a power of two
   */
  public static List<KernelRow> rows(int lanes) {
    return List.of(new ConvolutionRow(), new ProductRow(), new SoftmaxRow(lanes));
  }
}
