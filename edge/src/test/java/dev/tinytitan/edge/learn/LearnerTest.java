package dev.tinytitan.edge.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.OverBudgetException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Node;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LearnerTest {
  private static final int CLASSES = 4;
  private static final double TURN = 0.9;

  private static Model model;
  private static Model quantized;

  @BeforeAll
  static void train() {
    model = Clouds.trained(CLASSES);
    quantized = Clouds.quantized(model, CLASSES);
  }

  private static LearnerOptions options(Method method) {
    return LearnerOptions.of(Budget.ofBytes(4_000_000))
        .withMethod(method)
        .withLearningRate(5e-3)
        .withReplayBytes(16_000);
  }

  private static void teach(Learner learner, Clouds person, int count) {
    for (int i = 0; i < count; i++) {
      learner.learn(person.sample(i % CLASSES), i % CLASSES);
    }
    learner.commit();
  }

  @ParameterizedTest
  @EnumSource(Method.class)
  void floatModelLearnsAPerson(Method method) {
    learnsAPerson(model, method);
  }

  @ParameterizedTest
  @EnumSource(Method.class)
  void integerModelLearnsAPerson(Method method) {
    learnsAPerson(quantized, method);
  }

  private static void learnsAPerson(Model given, Method method) {
    try (Learner learner = Learner.of(given, options(method))) {
      double before = new Clouds(7, TURN, 0.8).accuracy(learner, CLASSES, 200);
      teach(learner, new Clouds(8, TURN, 0.8), 120);
      double after = new Clouds(7, TURN, 0.8).accuracy(learner, CLASSES, 200);
      assertThat(before).isLessThan(0.9);
      assertThat(1 - after).as("error after, from %s", 1 - before).isLessThan((1 - before) / 2);
      assertThat(learner.version()).isPositive();
    }
  }

  @Test
  void integersStayIntegers() {
    try (Learner learner = Learner.of(quantized, options(Method.FULL))) {
      teach(learner, new Clouds(8, TURN, 0.8), 60);
      Model learned = Model.load(learner.model().toBytes());
      assertThat(learned.graph().nodes().stream().map(Node::operator).toList())
          .isEqualTo(quantized.graph().nodes().stream().map(Node::operator).toList());
      quantized
          .graph()
          .initializers()
          .forEach((name, tensor) -> {
            Tensor now = learned.graph().constant(name).orElseThrow();
            assertThat(now.dtype()).isEqualTo(tensor.dtype());
            assertThat(now.shape()).isEqualTo(tensor.shape());
          });
      assertThat(learned.graph().initializers().values()).anyMatch(t -> t.dtype() == DType.INT8);
      assertThat(learned.graph()).isNotEqualTo(quantized.graph());
    }
  }

  @Test
  void planIsWithinTheBudget() {
    long full = trainingBytes(options(Method.FULL));
    long last = trainingBytes(options(Method.LAST_LAYER));
    assertThat(last).isLessThan(full / 2);
    for (long budget = last; budget < full; budget += (full - last) / 4) {
      LearnerOptions within = LearnerOptions.of(Budget.ofBytes(budget));
      assertThat(trainingBytes(within)).isLessThanOrEqualTo(budget);
    }
  }

  private static long trainingBytes(LearnerOptions options) {
    try (Learner learner = Learner.of(model, options)) {
      return learner.plan().memory().training();
    }
  }

  @Test
  void tooSmallABudgetSaysTheLeastThatWorks() {
    assertThatThrownBy(() -> Learner.of(model, LearnerOptions.of(Budget.ofBytes(100))).close())
        .isInstanceOf(OverBudgetException.class)
        .hasMessageMatching(".*the least that works is .* with \\d+ bytes\\.");
    assertThatThrownBy(() ->
            Learner.of(model, LearnerOptions.of(Budget.ofBytes(9_000)).withMethod(Method.FULL))
                .close())
        .isInstanceOf(OverBudgetException.class)
        .hasMessageContaining("The least that works is last-layer");
  }

  @Test
  void sameSamplesGiveTheSameModel() {
    byte[][] models = new byte[2][];
    for (int run = 0; run < 2; run++) {
      try (Learner learner = Learner.of(quantized, options(Method.SPARSE))) {
        teach(learner, new Clouds(8, TURN, 0.8), 40);
        models[run] = learner.model().toBytes();
      }
    }
    assertThat(models[0]).isEqualTo(models[1]);
  }

  @Test
  void refusesWhatItCannotUse() {
    try (Learner learner = Learner.of(model, options(Method.LAST_LAYER).withGrowing(false))) {
      Tensor nan = new Clouds(3, 0, 1).sample(0);
      nan.setFloat(5, Float.NaN);
      assertThatThrownBy(() -> learner.learn(nan, 0))
          .isInstanceOf(BadDataException.class)
          .hasMessageContaining("NaN in element 5");
      Tensor sample = new Clouds(3, 0, 1).sample(0);
      assertThatThrownBy(() -> learner.learn(sample, CLASSES))
          .isInstanceOf(BadDataException.class)
          .hasMessageContaining("the classes 0 to 3");
      assertThatThrownBy(() -> learner.learn(sample, -1)).isInstanceOf(BadDataException.class);
      assertThatThrownBy(() -> learner.learn(Tensor.of(new float[3], 1, 3), 0))
          .isInstanceOf(ShapeMismatchException.class);
      assertThat(learner.version()).isZero();
      assertThat(learner.model()).isSameAs(model);
    }
  }

  @Test
  void wrongLabelsDoNotPassTheGate() {
    try (Learner learner = Learner.of(model, options(Method.FULL))) {
      Clouds known = new Clouds(5, 0, 1);
      for (int i = 0; i < 40; i++) {
        learner.hold(known.sample(i % CLASSES), i % CLASSES);
      }
      double before = new Clouds(6, 0, 1).accuracy(learner, CLASSES, 100);
      Clouds liar = new Clouds(9, 0, 1);
      for (int i = 0; i < 100; i++) {
        learner.learn(liar.sample(i % CLASSES), (i + 1) % CLASSES);
      }
      assertThat(learner.version()).isZero();
      assertThat(new Clouds(6, 0, 1).accuracy(learner, CLASSES, 100)).isEqualTo(before);
    }
  }

  @Test
  void prunedWeightsStayPruned() {
    var graph = model.graph();
    var constants = new java.util.LinkedHashMap<>(graph.initializers());
    constants.replaceAll((name, tensor) -> {
      if (tensor.dtype() != DType.FLOAT32 || tensor.shape().rank() < 2) {
        return tensor;
      }
      float[] values = tensor.toFloatArray().clone();
      for (int i = 0; i < values.length; i += 2) {
        values[i] = 0;
      }
      return Tensor.of(values, tensor.shape().toArray());
    });
    Model pruned = Model.of(graph.toBuilder().initializers(constants).build(), model.info());
    for (Method method : List.of(Method.FULL, Method.LOW_RANK, Method.SPARSE)) {
      try (Learner learner = Learner.of(pruned, options(method).withHoldBack(0))) {
        teach(learner, new Clouds(8, TURN, 0.8), 20);
        learner
            .model()
            .graph()
            .initializers()
            .forEach((name, tensor) -> {
              Tensor old = constants.get(name);
              if (tensor.dtype() == DType.FLOAT32 && tensor.shape().rank() > 1) {
                for (int i = 0; i < tensor.size(); i += 2) {
                  assertThat(tensor.getFloat(i)).isZero();
                }
                assertThat(old.size()).isEqualTo(tensor.size());
              }
            });
        assertThat(learner.model().graph()).isNotEqualTo(pruned.graph());
      }
    }
  }

  @Test
  void answersWhileItLearns() throws Exception {
    try (Learner learner = Learner.of(model, options(Method.FULL).withGateEvery(5));
        ExecutorService threads = Executors.newFixedThreadPool(2)) {
      AtomicBoolean done = new AtomicBoolean();
      Tensor sample = new Clouds(3, 0, 1).sample(1);
      List<Future<Integer>> askers =
          java.util.stream.IntStream.range(0, 2)
              .mapToObj(i ->
                  threads.submit(() -> {
                    int answers = 0;
                    do {
                      float[] scores =
                          learner.predict(sample).values().iterator().next().toFloatArray();
                      assertThat(Arrays.copyOf(scores, CLASSES)).doesNotContain(Float.NaN);
                      answers++;
                    } while (!done.get());
                    return answers;
                  }))
              .toList();
      teach(learner, new Clouds(8, TURN, 0.8), 60);
      done.set(true);
      for (Future<Integer> asker : askers) {
        assertThat(asker.get()).isPositive();
      }
      assertThat(learner.version()).isGreaterThan(1);
    }
  }
}
