package dev.tinytitan.train.kernel;

import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The float arrays of tensors that must be there. */
final class Arrays32 {
  private Arrays32() {}

  static float[] of(@Nullable Tensor tensor) {
    return Objects.requireNonNull(tensor).floatArray();
  }
}
