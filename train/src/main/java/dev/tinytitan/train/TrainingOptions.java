package dev.tinytitan.train;

import java.nio.file.Path;
import java.util.Optional;

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
    if (!(clipNorm >= 0) || !(averaging >= 0 && averaging < 1) || !(mixup >= 0)) {
      throw new IllegalArgumentException(
          "a clip norm of " + clipNorm + ", averaging " + averaging + ", mixup " + mixup);
    }
  }

  /** AdamW at 10⁻³ with a cosine schedule, ten epochs of batches of 32. */
  public static TrainingOptions of(Loss loss) {
    return new TrainingOptions(
        loss,
        Optimizer.adamW(1e-3),
        Schedule.cosine().withWarmUp(0.02),
        10,
        32,
        1,
        Math.min(MOST_DEFAULT_THREADS, Runtime.getRuntime().availableProcessors()),
        "",
        0,
        0,
        0,
        Optional.empty(),
        0,
        Optional.empty());
  }

  /** The same with another loss. */
  public TrainingOptions withLoss(Loss value) {
    return new TrainingOptions(
        value,
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
        checkpoint);
  }

  /** The same with another optimizer. */
  public TrainingOptions withOptimizer(Optimizer value) {
    return new TrainingOptions(
        loss,
        value,
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
        checkpoint);
  }

  /** The same with another schedule. */
  public TrainingOptions withSchedule(Schedule value) {
    return new TrainingOptions(
        loss,
        optimizer,
        value,
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
        checkpoint);
  }

  /** The same with so many epochs. */
  public TrainingOptions withEpochs(int value) {
    return new TrainingOptions(
        loss,
        optimizer,
        schedule,
        value,
        batch,
        seed,
        threads,
        engine,
        clipNorm,
        averaging,
        patience,
        augmentation,
        mixup,
        checkpoint);
  }

  /** The same with batches of this size. */
  public TrainingOptions withBatch(int value) {
    return new TrainingOptions(
        loss,
        optimizer,
        schedule,
        epochs,
        value,
        seed,
        threads,
        engine,
        clipNorm,
        averaging,
        patience,
        augmentation,
        mixup,
        checkpoint);
  }

  /** The same with another seed. */
  public TrainingOptions withSeed(long value) {
    return new TrainingOptions(
        loss,
        optimizer,
        schedule,
        epochs,
        batch,
        value,
        threads,
        engine,
        clipNorm,
        averaging,
        patience,
        augmentation,
        mixup,
        checkpoint);
  }

  /** The same with at most so many threads. */
  public TrainingOptions withThreads(int value) {
    return new TrainingOptions(
        loss,
        optimizer,
        schedule,
        epochs,
        batch,
        seed,
        value,
        engine,
        clipNorm,
        averaging,
        patience,
        augmentation,
        mixup,
        checkpoint);
  }

  /** The same with another engine. */
  public TrainingOptions withEngine(String value) {
    return new TrainingOptions(
        loss,
        optimizer,
        schedule,
        epochs,
        batch,
        seed,
        threads,
        value,
        clipNorm,
        averaging,
        patience,
        augmentation,
        mixup,
        checkpoint);
  }

  /** The same with gradients cut to this norm. */
  public TrainingOptions withClipNorm(double value) {
    return new TrainingOptions(
        loss,
        optimizer,
        schedule,
        epochs,
        batch,
        seed,
        threads,
        engine,
        value,
        averaging,
        patience,
        augmentation,
        mixup,
        checkpoint);
  }

  /** The same with a moving average of the parameters. */
  public TrainingOptions withAveraging(double value) {
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
        value,
        patience,
        augmentation,
        mixup,
        checkpoint);
  }

  /** The same with an early stop. */
  public TrainingOptions withPatience(int value) {
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
        value,
        augmentation,
        mixup,
        checkpoint);
  }

  /** The same with augmented samples. */
  public TrainingOptions withAugmentation(Augmentation value) {
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
        Optional.of(value),
        mixup,
        checkpoint);
  }

  /** The same with mixed pairs of samples. */
  public TrainingOptions withMixup(double value) {
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
        value,
        checkpoint);
  }

  /** The same with a checkpoint file. */
  public TrainingOptions withCheckpoint(Path value) {
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
        Optional.of(value));
  }
}
