package dev.tinytitan.compress.search;

import dev.tinytitan.compress.quantize.Rounding;
import dev.tinytitan.compress.quantize.Scheme;
import java.util.List;
import java.util.Optional;

/** How a recipe that the search proposes may end. */
enum Finish {
  /** In float32. */
  NONE(Optional.empty()),
  INT8(Optional.of(Quantize.of(Scheme.INT8))),
  INT8_WEIGHTS_4(Optional.of(Quantize.integers(4, Rounding.GPTQ))),
  DYNAMIC(Optional.of(Quantize.of(Scheme.INT8_DYNAMIC))),
  WEIGHTS_8(Optional.of(Quantize.of(Scheme.INT8_WEIGHTS))),
  WEIGHTS_4(Optional.of(Quantize.of(Scheme.INT4_WEIGHTS))),
  HALF(Optional.of(Quantize.of(Scheme.FP16))),
  CLUSTERS(Optional.of(Cluster.of(16))),
  /** Trained with rounded weights and activations. */
  AWARE_8(Optional.of(QuantizationAware.of(8, TrainingPlan.of(1)))),
  AWARE_4(Optional.of(QuantizationAware.of(4, TrainingPlan.of(1))));

  @SuppressWarnings("ImmutableEnumChecker") // Steps are records of immutable values.
  private final Optional<Step> step;

  Finish(Optional<Step> step) {
    this.step = step;
  }

  /** True if it trains. */
  boolean trains() {
    return step.flatMap(Step::training).isPresent();
  }

  /**
   * The last step; empty for none.
   *
   * @param exclude nodes that stay as they are
   * @param plan of endings that train
   */
  Optional<Step> step(List<String> exclude, TrainingPlan plan) {
    return step.map(each ->
        switch (each) {
          case Quantize quantize -> quantize.withExclude(exclude);
          case Cluster cluster ->
              new Cluster(cluster.clusters(), cluster.teaching(), exclude, cluster.samples());
          case QuantizationAware aware -> aware.with(plan, exclude);
          default -> each;
        });
  }
}
