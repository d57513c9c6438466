package dev.tinytitan.compress.prune;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How structured pruning is done. Immutable; each {@code with…} method gives a changed copy.
 *
 * @param target how far it goes
 * @param criterion what units are judged by, unless {@code importance} is given
 * @param importance an own judgement; null for the criterion's
 * @param multiple channel counts are rounded to multiples of it where a layer has enough of them:
 *     what vector registers hold
 * @param most of the units of one group, the share that may go, over 0, below 1
 * @param exclude names of layers, or patterns with * and ?, whose outputs stay
 * @param sensitivity whether groups are weighed by what pruning each alone does to the outputs on
 *     samples, and not by importance alone
 * @param mostSamples at most so many samples are run
 * @param seed decides which
 * @param threads of each run
 */
public record StructuredOptions(
    Target target,
    Criterion criterion,
    @Nullable Importance importance,
    int multiple,
    double most,
    List<String> exclude,
    boolean sensitivity,
    int mostSamples,
    long seed,
    int threads) {

  /** Floats in half a register of the widest vectors, and in one of AVX2. */
  public static final int DEFAULT_MULTIPLE = 8;

  private static final double DEFAULT_MOST = 0.9;
  private static final int DEFAULT_SAMPLES = 64;

  public StructuredOptions {
    if (multiple < 1) {
      throw new IllegalArgumentException("the multiple must be at least 1, not " + multiple);
    }
    if (!(most > 0 && most < 1)) {
      throw new IllegalArgumentException("most must be over 0 and below 1, not " + most);
    }
    exclude = List.copyOf(exclude);
  }

  /** The components while they are set. */
  private static final class Draft {
    private final Target target;
    private Criterion criterion = Criterion.AUTO;
    private @Nullable Importance importance;
    private int multiple = DEFAULT_MULTIPLE;
    private double most = DEFAULT_MOST;
    private List<String> exclude = List.of();
    private boolean sensitivity = true;
    private int mostSamples = DEFAULT_SAMPLES;
    private long seed = 1;
    private int threads = Math.min(4, Runtime.getRuntime().availableProcessors());

    Draft(Target target) {
      this.target = target;
    }

    Draft(StructuredOptions options) {
      this(options.target);
      this.criterion = options.criterion;
      this.importance = options.importance;
      this.multiple = options.multiple;
      this.most = options.most;
      this.exclude = options.exclude;
      this.sensitivity = options.sensitivity;
      this.mostSamples = options.mostSamples;
      this.seed = options.seed;
      this.threads = options.threads;
    }

    StructuredOptions build() {
      return new StructuredOptions(
          target,
          criterion,
          importance,
          multiple,
          most,
          exclude,
          sensitivity,
          mostSamples,
          seed,
          threads);
    }
  }

  private StructuredOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.build();
  }

  /** All else at its default. */
  public static StructuredOptions of(Target target) {
    return new Draft(target).build();
  }

  /** The same by another criterion. */
  public StructuredOptions withCriterion(Criterion other) {
    return with(draft -> {
      draft.criterion = other;
      draft.importance = null;
    });
  }

  /** The same by an own judgement, importance by gradients say. */
  public StructuredOptions withImportance(Importance other) {
    return with(draft -> draft.importance = other);
  }

  /** The same with counts rounded otherwise. */
  public StructuredOptions withMultiple(int other) {
    return with(draft -> draft.multiple = other);
  }

  /** The same with another bound for each group. */
  public StructuredOptions withMost(double share) {
    return with(draft -> draft.most = share);
  }

  /** The same with layers that stay. */
  public StructuredOptions withExclude(List<String> names) {
    return with(draft -> draft.exclude = names);
  }

  /** The same with groups weighed on samples or not. */
  public StructuredOptions withSensitivity(boolean wanted) {
    return with(draft -> draft.sensitivity = wanted);
  }

  /** The same with another bound on the samples that are run. */
  public StructuredOptions withMostSamples(int count) {
    return with(draft -> draft.mostSamples = count);
  }

  /** The same with another seed. */
  public StructuredOptions withSeed(long other) {
    return with(draft -> draft.seed = other);
  }

  /** The same with another number of threads. */
  public StructuredOptions withThreads(int count) {
    return with(draft -> draft.threads = count);
  }
}
