package dev.tinytitan.examples;

import dev.tinytitan.Model;
import dev.tinytitan.edge.learn.Budget;
import dev.tinytitan.edge.learn.Learner;
import dev.tinytitan.edge.learn.LearnerOptions;
import dev.tinytitan.edge.learn.ModelDelta;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.zoo.Zoo;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** A model goes on learning where it runs; what it learned fits into a small file. */
public final class LearnOnDevice {
  private static final int CLASSES = 3;
  private static final int FEATURES = 4;

  private LearnOnDevice() {}

  /** Learns samples of a person, and prints how many of new ones are right before and after. */
  public static void main(String[] args) {
    Model base = Zoo.build("mlp", new Zoo.Task(Shape.of(FEATURES), CLASSES, true, 0, 1), 1);
    LearnerOptions options = LearnerOptions.of(Budget.ofBytes(64_000)).withLearningRate(1e-2);
    try (Learner learner = Learner.of(base, options)) {
      int before = right(learner);
      SplittableRandom random = new SplittableRandom(1);
      for (int i = 0; i < 60; i++) {
        learner.learn(sample(i % CLASSES, random), i % CLASSES);
      }
      learner.commit();
      ModelDelta delta = ModelDelta.of(learner.delta().toBytes());
      boolean same = delta.apply(base).graph().equals(learner.model().graph());
      System.out.println(
          (right(learner) > before ? "learned" : "did not learn")
              + ", within the budget: "
              + (learner.plan().memory().training() <= 64_000)
              + ", base and delta make the model: "
              + same);
    }
  }

  /** Learning goes on after the process ended, whatever ended it. */
  static long goOn(Model base, Path folder, Tensor sample, int label) {
    LearnerOptions options = LearnerOptions.of(Budget.ofBytes(64_000));
    try (Learner learner = Learner.open(base, options, folder)) {
      learner.learn(sample, label);
      learner.commit();
      return learner.version();
    }
  }

  static Tensor sample(int label, SplittableRandom random) {
    float[] values = new float[FEATURES];
    for (int i = 0; i < FEATURES; i++) {
      values[i] = (float) ((i == label ? 2 : 0) + 0.5 * random.nextGaussian());
    }
    return Tensor.of(values, 1, FEATURES);
  }

  private static int right(Learner learner) {
    SplittableRandom random = new SplittableRandom(2);
    int right = 0;
    for (int i = 0; i < 150; i++) {
      right += learner.classify(sample(i % CLASSES, random)) == i % CLASSES ? 1 : 0;
    }
    return right;
  }
}
