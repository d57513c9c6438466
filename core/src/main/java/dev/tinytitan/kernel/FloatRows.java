package dev.tinytitan.kernel;

import dev.tinytitan.op.Conv;
import dev.tinytitan.op.FusedConv;
import java.util.List;

/** The float32 kernels of this package, on the inner loops of an engine. */
public final class FloatRows {
  private FloatRows() {}

  /** One row for each kernel, computing with these inner loops. */
  public static List<KernelRow> of(VectorOperations operations) {
    return List.of(
        new FloatDepthwiseRow(FusedConv.class, operations),
        new FloatDepthwiseRow(Conv.class, operations),
        new FloatConvRow(FusedConv.class, operations),
        new FloatConvRow(Conv.class, operations));
  }
}
