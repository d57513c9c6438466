package dev.tinytitan.compress.prune;

import java.util.List;

/**
 * How whole layers are taken out. Immutable; each {@code with…} method gives a changed copy.
 *
 * @param target how far it goes; an {@link Target.Amount} is a share of the layers that can go
 * @param exclude names of nodes, or patterns with * and ?, whose layers stay
 * @param mostSamples at most so many samples are run
 * @param seed decides which
 * @param threads of each run
 */
public record LayerOptions(
    Target target, List<String> exclude, int mostSamples, long seed, int threads) {

  private static final int DEFAULT_SAMPLES = 64;

  public LayerOptions {
    if (mostSamples < 1) {
      throw new IllegalArgumentException("samples must be at least 1, not " + mostSamples);
    }
    exclude = List.copyOf(exclude);
  }

  /** All else at its default. */
  public static LayerOptions of(Target target) {
    return new LayerOptions(
        target,
        List.of(),
        DEFAULT_SAMPLES,
        1,
        Math.min(4, Runtime.getRuntime().availableProcessors()));
  }

  /** The same with layers that stay. */
  public LayerOptions withExclude(List<String> names) {
    return new LayerOptions(target, names, mostSamples, seed, threads);
  }

  /** The same with another bound on the samples that are run. */
  public LayerOptions withMostSamples(int count) {
    return new LayerOptions(target, exclude, count, seed, threads);
  }

  /** The same with another seed. */
  public LayerOptions withSeed(long other) {
    return new LayerOptions(target, exclude, mostSamples, other, threads);
  }

  /** The same with another number of threads. */
  public LayerOptions withThreads(int count) {
    return new LayerOptions(target, exclude, mostSamples, seed, count);
  }
}
