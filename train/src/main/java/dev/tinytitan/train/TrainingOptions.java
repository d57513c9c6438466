package dev.tinytitan.train;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a model is trained. Immutable; each {@code with…} method gives a changed copy.
 *
 * @param loss what is made small
 * @param optimizer how parameters move
 * @param schedule how the learning rate moves
 * @param epochs how often all samples are seen
 * @param batch samples of one step
 * @param seed of all chance: order, augmentation, dropout, mixup
 * @param threads the most threads that a step uses; the result is the same for any number
 * @param engine the engine's name; empty for the best there is
 * @param clipNorm the greatest norm of all gradients together; 0 for no limit
 * @param averaging how much of the moving average of the parameters stays in a step; 0 for none.
 *     With it, the average is what is judged and kept
 * @param patience epochs without a better validation after which training stops; 0 for never
 * @param augmentation what is done to each sample
 * @param mixup the parameter of the Beta distribution by which pairs of samples are mixed (Zhang et
 *     al. 2018); 0 for none
 * @param memoryBudget the most bytes that training may take ({@link Trainer#byteSize}): activations
 *     are computed again on the way back as far as that is needed; 0 for no limit
 * @param masking keeps elements of parameters at zero
 * @param checkpoint a file that holds the state after each epoch, from which a killed run goes on
 */
public record TrainingOptions(
    Loss loss,
    Optimizer optimizer,
    Schedule schedule,
    int epochs,
    int batch,
    long seed,
    int threads,
    String engine,
    double clipNorm,
    double averaging,
    int patience,
    Optional<Augmentation> augmentation,
    double mixup,
    long memoryBudget,
    Optional<Masking> masking,
    Optional<Path> checkpoint) {

  private static final int MOST_DEFAULT_THREADS = 4;

  public TrainingOptions {
    if (epochs < 1 || batch < 1 || threads < 1 || patience < 0) {
      throw new IllegalArgumentException(
          epochs
              + " epochs, batches of "
              + batch
              + ", "
              + threads
              + " threads, a patience of "
              + patience);
    }
    if (memoryBudget < 0) {
      throw new IllegalArgumentException("a memory budget of " + memoryBudget + " bytes");
    }
    if (!(clipNorm >= 0) || !(averaging >= 0 && averaging < 1) || !(mixup >= 0)) {
      throw new IllegalArgumentException(
          "a clip norm of " + clipNorm + ", averaging " + averaging + ", mixup " + mixup);
    }
  }

  /** The components while they are set; {@link #build} checks them. */
  private static final class Draft {
    private Loss loss;
    private Optimizer optimizer = Optimizer.adamW(1e-3);
    private Schedule schedule = Schedule.cosine().withWarmUp(0.02);
    private int epochs = 10;
    private int batch = 32;
    private long seed = 1;
    private int threads =
        Math.min(MOST_DEFAULT_THREADS, Runtime.getRuntime().availableProcessors());
    private String engine = "";
    private double clipNorm;
    private double averaging;
    private int patience;
    private Optional<Augmentation> augmentation = Optional.empty();
    private double mixup;
    private long memoryBudget;
    private Optional<Masking> masking = Optional.empty();
    private Optional<Path> checkpoint = Optional.empty();

    Draft(Loss loss) {
      this.loss = loss;
    }

    Draft(TrainingOptions options) {
      this.loss = options.loss;
      this.optimizer = options.optimizer;
      this.schedule = options.schedule;
      this.epochs = options.epochs;
      this.batch = options.batch;
      this.seed = options.seed;
      this.threads = options.threads;
      this.engine = options.engine;
      this.clipNorm = options.clipNorm;
      this.averaging = options.averaging;
      this.patience = options.patience;
      this.augmentation = options.augmentation;
      this.mixup = options.mixup;
      this.memoryBudget = options.memoryBudget;
      this.masking = options.masking;
      this.checkpoint = options.checkpoint;
    }

    TrainingOptions build() {
      return new TrainingOptions(
          loss,
          optimizer,
          schedule,
          epochs,
          batch,
          seed,
          threads,
          engine,
          clipNorm,
          averaging,
          patience,
          augmentation,
          mixup,
          memoryBudget,
          masking,
          checkpoint);
    }
  }

  private TrainingOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.build();
  }

  /** AdamW at 10⁻³ with a cosine schedule, ten epochs of batches of 32. */
  public static TrainingOptions of(Loss loss) {
    return new Draft(loss).build();
  }

  /** The same with another loss. */
  public TrainingOptions withLoss(Loss value) {
    return with(draft -> draft.loss = value);
  }

  /** The same with another optimizer. */
  public TrainingOptions withOptimizer(Optimizer value) {
    return with(draft -> draft.optimizer = value);
  }

  /** The same with another schedule. */
  public TrainingOptions withSchedule(Schedule value) {
    return with(draft -> draft.schedule = value);
  }

  /** The same with so many epochs. */
  public TrainingOptions withEpochs(int value) {
    return with(draft -> draft.epochs = value);
  }

  /** The same with batches of this size. */
  public TrainingOptions withBatch(int value) {
    return with(draft -> draft.batch = value);
  }

  /** The same with another seed. */
  public TrainingOptions withSeed(long value) {
    return with(draft -> draft.seed = value);
  }

  /** The same with at most so many threads. */
  public TrainingOptions withThreads(int value) {
    return with(draft -> draft.threads = value);
  }

  /** The same with another engine. */
  public TrainingOptions withEngine(String value) {
    return with(draft -> draft.engine = value);
  }

  /** The same with gradients cut to this norm. */
  public TrainingOptions withClipNorm(double value) {
    return with(draft -> draft.clipNorm = value);
  }

  /** The same with a moving average of the parameters. */
  public TrainingOptions withAveraging(double value) {
    return with(draft -> draft.averaging = value);
  }

  /** The same with an early stop. */
  public TrainingOptions withPatience(int value) {
    return with(draft -> draft.patience = value);
  }

  /** The same with augmented samples. */
  public TrainingOptions withAugmentation(Augmentation value) {
    return with(draft -> draft.augmentation = Optional.of(value));
  }

  /** The same with mixed pairs of samples. */
  public TrainingOptions withMixup(double value) {
    return with(draft -> draft.mixup = value);
  }

  /** The same within so many bytes; results stay the same, steps take longer. */
  public TrainingOptions withMemoryBudget(long value) {
    return with(draft -> draft.memoryBudget = value);
  }

  /** The same with elements that are kept at zero. */
  public TrainingOptions withMasking(Masking value) {
    return with(draft -> draft.masking = Optional.of(value));
  }

  /** The same with a checkpoint file. */
  public TrainingOptions withCheckpoint(Path value) {
    return with(draft -> draft.checkpoint = Optional.of(value));
  }
}
