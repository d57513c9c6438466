package dev.tinytitan.op;

import dev.tinytitan.ir.ExportContext;
import java.util.Arrays;

/** Axes given as an input that was an attribute in older opsets. */
final class Axes {
  /** The opset from which axes may count from the end. */
  private static final int NEGATIVE_SINCE = 11;

  private Axes() {}

  /**
   * Writes input {@code index} as attribute {@code axes} where the model is older than {@code
   * since}.
   */
  static void export(ExportContext context, int index, int since) {
    boolean negative =
        context
            .constant(index)
            .map(axes -> Arrays.stream(axes.toLongArray()).anyMatch(axis -> axis < 0))
            .orElse(false);
    if (negative) {
      context.requireOpset(NEGATIVE_SINCE);
    }
    context.inputWasAttributeUntil(since, index, "axes", false);
  }

  /** Requires the opset at which an axis attribute may have this value. */
  static void requireOpset(ExportContext context, int axis, int since) {
    context.requireOpset(axis < 0 ? Math.max(since, NEGATIVE_SINCE) : since);
  }
}
