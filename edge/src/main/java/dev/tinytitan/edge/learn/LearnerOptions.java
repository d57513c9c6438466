package dev.tinytitan.edge.learn;

import dev.tinytitan.SessionOptions;

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

  /** The best method within a budget for classes, with 64 kB of replay. */
  public static LearnerOptions of(Budget budget) {
    return new LearnerOptions(
        budget, Method.AUTO, Objective.CLASSES, 64_000, 2e-3, 4, 0.5, 5, 20, 0, true, true, 1, "");
  }

  /** The options for sessions: one thread, as learning goes on beside inference. */
  SessionOptions session() {
    return SessionOptions.defaults().withEngine(engine).withThreads(1);
  }

  /** The same with another method. */
  public LearnerOptions withMethod(Method value) {
    return new LearnerOptions(
        budget,
        value,
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

  /** The same with another objective. */
  public LearnerOptions withObjective(Objective value) {
    return new LearnerOptions(
        budget,
        method,
        value,
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

  /** The same with a replay buffer of at most so many bytes. */
  public LearnerOptions withReplayBytes(long value) {
    return new LearnerOptions(
        budget,
        method,
        objective,
        value,
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

  /** The same with another learning rate. */
  public LearnerOptions withLearningRate(double value) {
    return new LearnerOptions(
        budget,
        method,
        objective,
        replayBytes,
        value,
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

  /** The same with so many batches for each sample. */
  public LearnerOptions withSteps(int value) {
    return new LearnerOptions(
        budget,
        method,
        objective,
        replayBytes,
        learningRate,
        value,
        distillation,
        holdBack,
        gateEvery,
        allowedDrop,
        growing,
        keepSamples,
        seed,
        engine);
  }

  /** The same with another share of the base model's opinion. */
  public LearnerOptions withDistillation(double value) {
    return new LearnerOptions(
        budget,
        method,
        objective,
        replayBytes,
        learningRate,
        steps,
        value,
        holdBack,
        gateEvery,
        allowedDrop,
        growing,
        keepSamples,
        seed,
        engine);
  }

  /** The same with each so many-th sample held back; 0 for none. */
  public LearnerOptions withHoldBack(int value) {
    return new LearnerOptions(
        budget,
        method,
        objective,
        replayBytes,
        learningRate,
        steps,
        distillation,
        value,
        gateEvery,
        allowedDrop,
        growing,
        keepSamples,
        seed,
        engine);
  }

  /** The same with a gate after so many samples; 0 for only when asked. */
  public LearnerOptions withGateEvery(int value) {
    return new LearnerOptions(
        budget,
        method,
        objective,
        replayBytes,
        learningRate,
        steps,
        distillation,
        holdBack,
        value,
        allowedDrop,
        growing,
        keepSamples,
        seed,
        engine);
  }

  /** The same with another drop that the gate lets pass, in points. */
  public LearnerOptions withAllowedDrop(double value) {
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
        value,
        growing,
        keepSamples,
        seed,
        engine);
  }

  /** The same, learning new classes or refusing them. */
  public LearnerOptions withGrowing(boolean value) {
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
        value,
        keepSamples,
        seed,
        engine);
  }

  /** The same with samples in the journal, or with their hashes only. */
  public LearnerOptions withKeepSamples(boolean value) {
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
        value,
        seed,
        engine);
  }

  /** The same with another seed. */
  public LearnerOptions withSeed(long value) {
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
        value,
        engine);
  }

  /** The same on another engine. */
  public LearnerOptions withEngine(String value) {
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
        value);
  }
}
