package dev.tinytitan.run;

import dev.tinytitan.ir.TensorType;
import dev.tinytitan.kernel.Layout;
import dev.tinytitan.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A value while the plan is being made. */
final class DraftValue {
  final String name;
  final @Nullable TensorType type;
  final Layout layout;
  final @Nullable Tensor constant;

  /** The value whose buffer this one shares (a view, or computed in place); itself if none. */
  int buffer;

  boolean persistent;

  DraftValue(
      String name,
      @Nullable TensorType type,
      Layout layout,
      @Nullable Tensor constant,
      int number) {
    this.name = name;
    this.type = type;
    this.layout = layout;
    this.constant = constant;
    this.buffer = number;
  }
}
