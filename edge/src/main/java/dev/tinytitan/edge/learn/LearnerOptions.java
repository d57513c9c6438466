package dev.tinytitan.edge.learn;

import dev.tinytitan.SessionOptions;
import java.util.function.Consumer;

/**
 * How a model learns. Immutable; each {@code with…} method gives a changed copy.
 *
 * @param budget what learning may take
 * @param method which part learns
 * @param objective what is made small
 * @param replayBytes the most bytes of the replay buffer; 0 for none
 * @param learningRate the most that a number moves in a step, about
 * @param steps batches that are learned for each new sample
 * @param distillation how much of the target of a remembered sample is what the base model said of
 *     it, from 0 to 1 (Buzzega et al. 2020, dark experience)
 * @param holdBack each which sample is held back for validation; 0 for none
 * @param gateEvery after how many learned samples a new version is judged; 0 for only when asked
 * @param allowedDrop by how many points accuracy on held-back samples may fall in a new version
 * @param growing whether samples of a class that follows the last one make the head grow
 * @param keepSamples whether the journal of a learner with a folder holds the samples themselves:
 *     needed to reproduce a model, and to remember samples when the process ended
 * @param seed of all chance
 * @param engine the engine's name; empty for the best there is
 */
public record LearnerOptions(
    Budget budget,
    Method method,
    Objective objective,
    long replayBytes,
    double learningRate,
    int steps,
    double distillation,
    int holdBack,
    int gateEvery,
    double allowedDrop,
    boolean growing,
    boolean keepSamples,
    long seed,
    String engine) {

  public LearnerOptions {
    if (replayBytes < 0 || replayBytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("a replay buffer of " + replayBytes + " bytes");
    }
    if (!(learningRate > 0) || !(learningRate < 1) || steps < 1) {
      throw new IllegalArgumentException(
          "a learning rate of " + learningRate + ", " + steps + " steps for each sample");
    }
    if (!(distillation >= 0 && distillation <= 1) || !(allowedDrop >= 0)) {
      throw new IllegalArgumentException("distillation " + distillation + ", drop " + allowedDrop);
    }
    if (holdBack < 0 || holdBack == 1 || gateEvery < 0) {
      throw new IllegalArgumentException(
          "each sample number " + holdBack + " held back, a gate every " + gateEvery);
    }
  }

  /** The components while they are set; {@link #build} checks them. */
  private static final class Draft {
    private final Budget budget;
    private Method method = Method.AUTO;
    private Objective objective = Objective.CLASSES;
    private long replayBytes = 64_000;
    private double learningRate = 2e-3;
    private int steps = 4;
    private double distillation = 0.5;
    private int holdBack = 5;
    private int gateEvery = 20;
    private double allowedDrop;
    private boolean growing = true;
    private boolean keepSamples = true;
    private long seed = 1;
    private String engine = "";

    Draft(Budget budget) {
      this.budget = budget;
    }

    Draft(LearnerOptions options) {
      this.budget = options.budget;
      this.method = options.method;
      this.objective = options.objective;
      this.replayBytes = options.replayBytes;
      this.learningRate = options.learningRate;
      this.steps = options.steps;
      this.distillation = options.distillation;
      this.holdBack = options.holdBack;
      this.gateEvery = options.gateEvery;
      this.allowedDrop = options.allowedDrop;
      this.growing = options.growing;
      this.keepSamples = options.keepSamples;
      this.seed = options.seed;
      this.engine = options.engine;
    }

    LearnerOptions build() {
      return new LearnerOptions(
          budget,
          method,
          objective,
          replayBytes,
          learningRate,
          steps,
          distillation,
          holdBack,
          gateEvery,
          allowedDrop,
          growing,
          keepSamples,
          seed,
          engine);
    }
  }

  private LearnerOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.build();
  }

  /** The best method within a budget for classes, with 64 kB of replay. */
  public static LearnerOptions of(Budget budget) {
    return new Draft(budget).build();
  }

  /** The options for sessions: one thread, as learning goes on beside inference. */
  SessionOptions session() {
    return SessionOptions.defaults().withEngine(engine).withThreads(1);
  }

  /** The same with another method. */
  public LearnerOptions withMethod(Method value) {
    return with(draft -> draft.method = value);
  }

  /** The same with another objective. */
  public LearnerOptions withObjective(Objective value) {
    return with(draft -> draft.objective = value);
  }

  /** The same with a replay buffer of at most so many bytes. */
  public LearnerOptions withReplayBytes(long value) {
    return with(draft -> draft.replayBytes = value);
  }

  /** The same with another learning rate. */
  public LearnerOptions withLearningRate(double value) {
    return with(draft -> draft.learningRate = value);
  }

  /** The same with so many batches for each sample. */
  public LearnerOptions withSteps(int value) {
    return with(draft -> draft.steps = value);
  }

  /** The same with another share of the base model's opinion. */
  public LearnerOptions withDistillation(double value) {
    return with(draft -> draft.distillation = value);
  }

  /** The same with each so many-th sample held back; 0 for none. */
  public LearnerOptions withHoldBack(int value) {
    return with(draft -> draft.holdBack = value);
  }

  /** The same with a gate after so many samples; 0 for only when asked. */
  public LearnerOptions withGateEvery(int value) {
    return with(draft -> draft.gateEvery = value);
  }

  /** The same with another drop that the gate lets pass, in points. */
  public LearnerOptions withAllowedDrop(double value) {
    return with(draft -> draft.allowedDrop = value);
  }

  /** The same, learning new classes or refusing them. */
  public LearnerOptions withGrowing(boolean value) {
    return with(draft -> draft.growing = value);
  }

  /** The same with samples in the journal, or with their hashes only. */
  public LearnerOptions withKeepSamples(boolean value) {
    return with(draft -> draft.keepSamples = value);
  }

  /** The same with another seed. */
  public LearnerOptions withSeed(long value) {
    return with(draft -> draft.seed = value);
  }

  /** The same on another engine. */
  public LearnerOptions withEngine(String value) {
    return with(draft -> draft.engine = value);
  }
}
