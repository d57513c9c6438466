package dev.tinytitan.kernel;

import dev.tinytitan.op.Activation;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is done to sums once they are complete: a residual is added, an activation applied, both in
 * place and while the sums are still in the cache. Immutable.
 */
final class FloatEpilogue implements Epilogue {
  private final ElementOperations operations;
  private final Activation activation;
  private final boolean clips;
  private final float low;
  private final float high;
  private final @Nullable ElementFunction function;

  private FloatEpilogue(
      ElementOperations operations, Activation activation, @Nullable ElementFunction function) {
    this.operations = operations;
    this.activation = activation;
    this.function = function;
    Optional<Activation.Clip> clip = activation.asClip();
    this.clips = clip.isPresent() || activation.isNone();
    this.low = clip.map(Activation.Clip::min).orElse(Float.NEGATIVE_INFINITY);
    this.high = clip.map(Activation.Clip::max).orElse(Float.POSITIVE_INFINITY);
  }

  static FloatEpilogue of(ElementOperations operations, Activation activation) {
    ElementFunction function =
        switch (activation) {
          case Activation.None none -> null;
          case Activation.Clip clip -> ElementFunction.clip(clip.min(), clip.max());
          case Activation.Function other -> ElementFunction.of(other.operator()).orElse(null);
        };
    return new FloatEpilogue(operations, activation, function);
  }

  /** Finishes {@code count} contiguous sums. */
  private void apply(
      float[] y, int from, int count, float @Nullable [] residual, int residualFrom) {
    if (residual != null && clips) {
      operations.addAndClip(y, from, residual, residualFrom, low, high, y, from, count);
      return;
    }
    if (residual != null) {
      operations.combine(PairFunction.ADD, y, from, residual, residualFrom, y, from, count);
    }
    if (function != null) {
      operations.map(function, y, from, y, from, count);
    } else if (!activation.isNone()) {
      for (int i = from; i < from + count; i++) {
        y[i] = activation.apply(y[i]);
      }
    }
  }

  @Override
  public Optional<Finish> finish(int columns) {
    return clips ? Optional.of(Finish.clip(columns, low, high)) : Optional.empty();
  }

  @Override
  public void apply(
      float[] y,
      int from,
      int stride,
      int rows,
      int column,
      int columns,
      float @Nullable [] residual,
      int residualFrom) {
    if (residual == null && activation.isNone()) {
      return;
    }
    if (stride == columns) {
      apply(y, from, rows * columns, residual, residualFrom);
      return;
    }
    for (int row = 0; row < rows; row++) {
      apply(y, from + row * stride, columns, residual, residualFrom + row * stride);
    }
  }
}
