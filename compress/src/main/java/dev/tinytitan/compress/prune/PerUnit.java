package dev.tinytitan.compress.prune;

import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Importance of units one by one.
 *
 * @param score of a unit; NaN where it has none
 * @param fallback what a group goes by if any of its units has no score
 */
record PerUnit(
    String name,
    ToDoubleBiFunction<DependencyGraph, ChannelUnit> score,
    @Nullable Importance fallback)
    implements Importance {

  static PerUnit of(String name, ToDoubleFunction<ChannelUnit> score) {
    return new PerUnit(name, (dependencies, unit) -> score.applyAsDouble(unit), null);
  }

  @Override
  public double[] scores(DependencyGraph dependencies, ChannelGroup group) {
    double[] scores = new double[group.units().size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = score.applyAsDouble(dependencies, group.units().get(i));
      if (Double.isNaN(scores[i]) && fallback != null) {
        return fallback.scores(dependencies, group);
      }
    }
    return scores;
  }
}
