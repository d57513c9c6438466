package dev.tinytitan.edge.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.Model;
import dev.tinytitan.OverBudgetException;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.quantize.QuantizationOptions;
import dev.tinytitan.compress.quantize.Quantizer;
import dev.tinytitan.compress.quantize.Scheme;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.ir.Node;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.zoo.Zoo;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The keyword network's architecture over small images, all of it learned in bytes. */
class CodedTrainerTest {
  private static final int CLASSES = 4;
  private static final long BUDGET = 100_000;

  private static Model model;

  @BeforeAll
  static void train() {
    Dataset data = images(new Clouds(1, 0, 1), 400);
    Model fresh = Zoo.build("ds-cnn", new Zoo.Task(Shape.of(1, 8, 4), CLASSES, true, 0, 1), 1);
    TrainingOptions options =
        TrainingOptions.of(Loss.crossEntropy())
            .withOptimizer(Optimizer.adamW(5e-3))
            .withEpochs(4)
            .withThreads(1);
    try (Trainer trainer = Trainer.of(fresh, options)) {
      Model trained =
          trainer.fit(TrainingData.of(data), Optional.empty(), TrainingListener.SILENT).model();
      Samples samples =
          Samples.of(images(new Clouds(2, 0, 1), 60), trained.inputs().getFirst().name());
      model = new Quantizer(QuantizationOptions.of(Scheme.INT8)).quantize(trained, samples).model();
    }
  }

  private static Dataset images(Clouds clouds, int size) {
    Dataset signals = clouds.dataset(size, CLASSES);
    float[] all = new float[size * 32];
    long[] labels = new long[size];
    for (int i = 0; i < size; i++) {
      System.arraycopy(signals.sample(i).toFloatArray(), 0, all, i * 32, 32);
      labels[i] = i % CLASSES;
    }
    return Dataset.of(Tensor.of(all, size, 1, 8, 4), Tensor.of(labels, size));
  }

  private static Tensor image(Clouds clouds, int label) {
    return Tensor.of(clouds.sample(label).floatArray(), 1, 1, 8, 4);
  }

  private static LearnerOptions options(Method method) {
    return LearnerOptions.of(Budget.ofBytes(BUDGET))
        .withMethod(method)
        .withLearningRate(5e-3)
        .withReplayBytes(16_000);
  }

  private static double accuracy(Learner learner) {
    Clouds person = new Clouds(7, 0.9, 0.8);
    int right = 0;
    for (int i = 0; i < 200; i++) {
      right += learner.classify(image(person, i % CLASSES)) == i % CLASSES ? 1 : 0;
    }
    return right / 200.0;
  }

  @Test
  void wholeModelLearnsWhereFloatsDoNotFit() {
    try (Learner learner = Learner.of(model, options(Method.FULL))) {
      UpdatePlan plan = learner.plan();
      assertThat(plan.inBytes()).isTrue();
      assertThat(plan.memory().training()).isBetween(20_000L, BUDGET);
      assertThat(plan.parameters()).isGreaterThan(20_000);
      double before = accuracy(learner);
      Clouds person = new Clouds(8, 0.9, 0.8);
      for (int i = 0; i < 80; i++) {
        learner.learn(image(person, i % CLASSES), i % CLASSES);
      }
      learner.commit();
      double after = accuracy(learner);
      assertThat(1 - after).as("error after, from %s", 1 - before).isLessThan((1 - before) / 2);
      Model learned = Model.load(learner.model().toBytes());
      assertThat(learned.graph().nodes().stream().map(Node::operator).toList())
          .isEqualTo(model.graph().nodes().stream().map(Node::operator).toList());
    }
  }

  @Test
  void sparseIsAsDeepAsFits() {
    try (Learner whole = Learner.of(model, options(Method.SPARSE));
        Learner less =
            Learner.of(
                model,
                LearnerOptions.of(Budget.ofBytes(whole.plan().memory().training() - 1))
                    .withMethod(Method.SPARSE))) {
      assertThat(whole.plan().inBytes()).isTrue();
      assertThat(less.plan().parameters()).isLessThan(whole.plan().parameters());
      assertThat(less.plan().memory().training()).isLessThan(whole.plan().memory().training());
    }
  }

  @Test
  void saysWhatItWouldTake() {
    assertThatThrownBy(() ->
            Learner.of(model, LearnerOptions.of(Budget.ofBytes(60_000)).withMethod(Method.FULL)))
        .isInstanceOf(OverBudgetException.class)
        .hasMessageContaining("The method full takes")
        .hasMessageContaining("The least that works is last-layer");
  }

  @Test
  void samplesGivenInTheSameOrderGiveTheSameModel() {
    byte[] first = learnedBytes();
    assertThat(learnedBytes()).isEqualTo(first);
  }

  private static byte[] learnedBytes() {
    try (Learner learner = Learner.of(model, options(Method.FULL))) {
      Clouds person = new Clouds(8, 0.9, 0.8);
      for (int i = 0; i < 8; i++) {
        learner.learn(image(person, i % CLASSES), i % CLASSES);
      }
      learner.commit();
      return learner.model().toBytes();
    }
  }
}
