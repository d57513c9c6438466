package dev.tinytitan.edge.learn;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToDoubleFunction;

/**
 * A deployed model that goes on learning where it runs: float, quantized or pruned ONNX in, the
 * same kind out. Samples come one at a time. What learns is chosen within a budget of memory before
 * the first step ({@link #plan}); the part of the model before it runs as it is deployed, in
 * integers if it is quantized.
 *
 * <pre>{@code
 * LearnerOptions options = LearnerOptions.of(Budget.ofBytes(128_000));
 * try (Learner learner = Learner.of(Model.load(file), options)) {
 *   learner.learn(sample, label);     // on one thread
 *   learner.predict(other);           // on any thread, meanwhile
 *   learner.commit();                 // judge what was learned; use it if it is no worse
 *   learner.model().save(file);
 * }
 * }</pre>
 *
 * <p>Answers come from the last good version: a new one is used only after it was judged on samples
 * that were held back ({@link #commit}); otherwise learning goes on from the last good one. The
 * same samples in the same order with the same options give the same model. Safe for use by many
 * threads; those that learn take turns, and none of them holds up one that asks for an answer.
 */
public final class Learner implements AutoCloseable {
  private final LearnerOptions options;
  private final ToDoubleFunction<String> contribution;
  private final ReentrantLock learning = new ReentrantLock();
  private final Shape sampleShape;
  private LearnerCore core;
  private volatile Serving serving;
  private boolean closed;

  private Learner(Model model, LearnerOptions options, ToDoubleFunction<String> contribution) {
    this.options = options;
    this.contribution = contribution;
    this.sampleShape = UpdatePlanner.sampleShape(model.graph());
    this.core = LearnerCore.of(model, options, contribution);
    this.serving = new Serving(model, model.open(options.session()), 0);
  }

  /** The version that answers. */
  private record Serving(Model model, Session session, long version) {}

  /**
   * Makes a model ready to learn.
   *
   * @throws dev.tinytitan.OverBudgetException if nothing can learn within the budget; says the
   *     least that works
   * @throws dev.tinytitan.UnsupportedModelException if the model has several inputs, or no layer
   *     that could learn
   */
  public static Learner of(Model model, LearnerOptions options) {
    return new Learner(model, options, tensor -> Double.NaN);
  }

  /** What learns and what that takes. */
  public UpdatePlan plan() {
    learning.lock();
    try {
      return core.plan();
    } finally {
      learning.unlock();
    }
  }

  /** The last good version. */
  public Model model() {
    return serving.model();
  }

  /** How many versions were accepted so far. */
  public long version() {
    return serving.version();
  }

  /**
   * Runs the last good version; any thread.
   *
   * @param sample of the shape of the model's input, with or without a batch of 1
   * @return the model's outputs, which the caller owns
   * @throws ShapeMismatchException if the sample does not fit the model
   */
  public Map<String, Tensor> predict(Tensor sample) {
    Tensor shaped = shaped(sample);
    while (true) {
      Serving current = serving;
      try {
        return current.session().run(Map.of(current.model().inputs().getFirst().name(), shaped));
      } catch (IllegalStateException error) {
        // A new version took over between the two lines: ask that one.
        if (current == serving) {
          throw error;
        }
      }
    }
  }

  /** The class that the last good version gives; any thread. */
  public int classify(Tensor sample) {
    return greatest(predict(sample).values().iterator().next().toFloatArray());
  }

  /**
   * Learns from a labelled sample.
   *
   * @throws BadDataException if the sample holds NaN or infinity, or there is no such class
   */
  public Lesson learn(Tensor sample, int label) {
    return learn(sample, label, 1);
  }

  /**
   * Learns from a sample whose label is not certain.
   *
   * @param weight how much to trust the label, above 0 and up to 1
   * @throws BadDataException if the sample holds NaN or infinity, or there is no such class
   */
  public Lesson learn(Tensor sample, int label, double weight) {
    if (!(weight > 0 && weight <= 1)) {
      throw new IllegalArgumentException("a weight of " + weight);
    }
    Tensor shaped = finite(shaped(sample));
    learning.lock();
    try {
      requireOpen();
      grow(label);
      int predicted = classify(shaped);
      LearnerCore.Step step = core.learn(shaped, label, weight);
      if (options.gateEvery() > 0 && core.learnedSinceCommit() >= options.gateEvery()) {
        commit();
      }
      return new Lesson(step.use(), step.loss(), predicted, predicted == label, serving.version());
    } finally {
      learning.unlock();
    }
  }

  /**
   * Learns from a sample with values as the target; for {@link Objective#VALUES}.
   *
   * @throws BadDataException if a number is NaN or infinite, or there are not as many as outputs
   */
  public Lesson learn(Tensor sample, float[] target) {
    Tensor shaped = finite(shaped(sample));
    learning.lock();
    try {
      requireOpen();
      LearnerCore.Step step = core.learn(shaped, target);
      if (options.gateEvery() > 0 && core.learnedSinceCommit() >= options.gateEvery()) {
        commit();
      }
      return new Lesson(step.use(), step.loss(), -1, false, serving.version());
    } finally {
      learning.unlock();
    }
  }

  /**
   * Puts a sample into the replay buffer without learning it: of what the model knew before, so
   * that it is not forgotten.
   */
  public void remember(Tensor sample, int label) {
    Tensor shaped = finite(shaped(sample));
    learning.lock();
    try {
      requireOpen();
      core.remember(shaped, label, 1);
    } finally {
      learning.unlock();
    }
  }

  /** Keeps a sample whose label is certain, to judge new versions with. */
  public void hold(Tensor sample, int label) {
    Tensor shaped = finite(shaped(sample));
    learning.lock();
    try {
      requireOpen();
      core.hold(shaped, label);
    } finally {
      learning.unlock();
    }
  }

  /**
   * Judges what was learned since the last good version on the samples held back. If it is no
   * worse, it answers from now on; else learning goes back to the last good version.
   */
  public Verdict commit() {
    learning.lock();
    try {
      requireOpen();
      Model candidate = core.candidate();
      Verdict verdict = core.judge(candidate);
      if (verdict.accepted()) {
        serve(candidate);
        core.accept(candidate);
      } else {
        core.rollBack();
      }
      return verdict;
    } finally {
      learning.unlock();
    }
  }

  /** Forgets what was learned since the last good version. */
  public void rollBack() {
    learning.lock();
    try {
      requireOpen();
      core.rollBack();
    } finally {
      learning.unlock();
    }
  }

  private void serve(Model model) {
    Serving old = serving;
    serving = new Serving(model, model.open(options.session()), old.version() + 1);
    old.session().close();
  }

  private void grow(int label) {
    int classes = core.classes();
    if (label >= 0 && label < classes) {
      return;
    }
    if (label != classes || !options.growing()) {
      throw new BadDataException(
          "The label is "
              + label
              + ", but the model knows the classes 0 to "
              + (classes - 1)
              + (options.growing() ? "; a new class takes the next number, " + classes : "")
              + ".");
    }
    throw new BadDataException("The label " + label + " is a class that the model does not know.");
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the learner is closed");
    }
  }

  private Tensor shaped(Tensor sample) {
    int[] dims = sampleShape.toArray();
    boolean fits =
        sample.shape().equals(sampleShape)
            || sample.shape().equals(Shape.of(Arrays.copyOfRange(dims, 1, dims.length)));
    if (!fits) {
      throw new ShapeMismatchException(
          "A sample has the shape " + sampleShape + ", not " + sample.shape() + ".");
    }
    return sample.reshape(sampleShape);
  }

  private static Tensor finite(Tensor sample) {
    if (sample.dtype().isFloat()) {
      for (int i = 0; i < sample.size(); i++) {
        if (!Float.isFinite(sample.getFloat(i))) {
          throw new BadDataException(
              "The sample holds "
                  + sample.getFloat(i)
                  + " in element "
                  + i
                  + "; nothing was learned from it.");
        }
      }
    }
    return sample;
  }

  static int greatest(float[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }

  /** Waits for running calls, and frees threads and memory. */
  @Override
  public void close() {
    learning.lock();
    try {
      if (!closed) {
        closed = true;
        core.close();
        serving.session().close();
      }
    } finally {
      learning.unlock();
    }
  }
}
