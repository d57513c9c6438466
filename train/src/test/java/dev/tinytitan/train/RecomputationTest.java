package dev.tinytitan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.Model;
import dev.tinytitan.OverBudgetException;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.zoo.Zoo;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Training within a budget of memory: activations are computed again, and nothing else changes. */
class RecomputationTest {
  private static TrainingData noise(int size, int each, int classes) {
    Random random = new Random(4);
    float[] samples = new float[size * each];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) random.nextGaussian();
    }
    int[] labels = random.ints(size, 0, classes).toArray();
    return new TrainingData(size, samples, each, labels, new float[0]);
  }

  private static Model network(String name, Shape input) {
    return Zoo.build(name, new Zoo.Task(input, 4, true, 0, 1), 3);
  }

  private static TrainingOptions options() {
    return TrainingOptions.of(Loss.crossEntropy()).withBatch(16).withEpochs(1).withThreads(2);
  }

  private static long bytes(Model model, TrainingOptions options) {
    try (Trainer trainer = Trainer.of(model, options)) {
      return trainer.byteSize();
    }
  }

  private static Model fit(Model model, TrainingOptions options, TrainingData data) {
    try (Trainer trainer = Trainer.of(model, options)) {
      return trainer.fit(data, Optional.empty(), TrainingListener.SILENT).model();
    }
  }

  @ParameterizedTest
  @CsvSource({"resnet8, 0.75", "ds-cnn, 0.5", "mobilenet, 0.8", "cnn-1d, 0.9"})
  void takesLessMemoryAndGivesTheSame(String name, double share) {
    Shape input = name.equals("cnn-1d") ? Shape.of(1, 256) : Shape.of(3, 32, 32);
    Model model = network(name, input);
    TrainingOptions plain = options();
    long whole = bytes(model, plain);
    TrainingOptions tight = plain.withMemoryBudget((long) (share * whole));
    assertThat(bytes(model, tight)).isLessThanOrEqualTo((long) (share * whole));
    TrainingData data = noise(32, input.size(), 4);
    assertThat(fit(model, tight, data).graph()).isEqualTo(fit(model, plain, data).graph());
  }

  @Test
  void dropsTheSameElementsAgain() {
    Network network = new Network("drops", 3);
    Layer x = network.input(64);
    for (int i = 0; i < 8; i++) {
      x = x.dense(64).relu().dropout(0.3);
    }
    Model model = network.classifier(x.dense(4));
    TrainingOptions plain = options().withBatch(64);
    TrainingOptions tight = plain.withMemoryBudget(bytes(model, plain) - 20_000);
    TrainingData data = noise(192, 64, 4);
    assertThat(fit(model, tight, data).graph()).isEqualTo(fit(model, plain, data).graph());
  }

  @Test
  void leavesWhatFitsAsItIs() {
    Model model = network("resnet8", Shape.of(3, 16, 16));
    long whole = bytes(model, options());
    assertThat(bytes(model, options().withMemoryBudget(whole))).isEqualTo(whole);
  }

  /** What the refusal names as the least does. */
  @Test
  void saysTheLeastThatWouldDo() {
    Model model = network("resnet8", Shape.of(3, 16, 16));
    Matcher[] found = new Matcher[1];
    assertThatThrownBy(() -> Trainer.of(model, options().withMemoryBudget(1000)))
        .isInstanceOf(OverBudgetException.class)
        .satisfies(error -> {
          found[0] = Pattern.compile("at least ([0-9,]+) bytes").matcher(error.getMessage());
          assertThat(found[0].find()).as(error.getMessage()).isTrue();
        });
    long least = Long.parseLong(found[0].group(1).replace(",", ""));
    assertThat(least).isLessThan((long) (0.85 * bytes(model, options())));
    assertThat(bytes(model, options().withMemoryBudget(least))).isLessThanOrEqualTo(least);
    assertThatThrownBy(() -> Trainer.of(model, options().withMemoryBudget(least - 1)))
        .isInstanceOf(OverBudgetException.class);
  }
}
