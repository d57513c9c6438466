package dev.tinytitan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.zoo.Zoo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {

  /** Small images: class 1 has a bright left half, class 0 a bright right half. */
  private static TrainingData halves(int size, long seed) {
    Random random = new Random(seed);
    float[] samples = new float[size * 64];
    int[] classes = new int[size];
    for (int i = 0; i < size; i++) {
      classes[i] = random.nextInt(2);
      for (int j = 0; j < 64; j++) {
        boolean bright = (j % 8 < 4) == (classes[i] == 1);
        samples[i * 64 + j] = (float) ((bright ? 1 : 0) + 0.7 * random.nextGaussian());
      }
    }
    return new TrainingData(size, samples, 64, classes, new float[0]);
  }

  private static Model network() {
    Network network = new Network("small", 3);
    Layer x = network.input(1, 8, 8).conv(4, 3, 1).batchNorm().relu().maxPool(2);
    return network.classifier(x.flatten().dropout(0.1).dense(2));
  }

  private static TrainingOptions options() {
    return TrainingOptions.of(Loss.crossEntropy())
        .withBatch(16)
        .withEpochs(3)
        .withOptimizer(Optimizer.adamW(5e-3))
        .withThreads(1);
  }

  private static TrainingResult train(Model model, TrainingOptions options) {
    try (Trainer trainer = Trainer.of(model, options)) {
      return trainer.fit(halves(160, 1), Optional.of(halves(100, 2)), TrainingListener.SILENT);
    }
  }

  @Test
  void learns() {
    TrainingResult result = train(network(), options());
    assertThat(result.stop()).isEqualTo(TrainingResult.Stop.COMPLETED);
    assertThat(result.history()).hasSize(3);
    assertThat(result.history().getLast().loss()).isLessThan(result.history().getFirst().loss());
    double accuracy = Evaluation.score(result.model(), halves(400, 9), SessionOptions.defaults());
    assertThat(accuracy).isGreaterThan(0.95);
  }

  @Test
  void isTheSameForASeedAtAnyNumberOfThreads() {
    TrainingOptions mixed =
        options()
            .withMixup(0.3)
            .withAveraging(0.9)
            .withClipNorm(1)
            .withAugmentation(
                Augmentation.all(
                    List.of(Augmentation.shift(1), Augmentation.noise(0.1), Augmentation.mask(2))));
    Model one = train(network(), mixed).model();
    assertThat(train(network(), mixed.withThreads(2)).model().graph()).isEqualTo(one.graph());
    assertThat(train(network(), mixed.withSeed(2)).model().graph()).isNotEqualTo(one.graph());
  }

  @Test
  void everyOptimizerMakesTheLossSmaller() {
    for (Optimizer optimizer :
        List.of(
            Optimizer.sgd(0.02),
            Optimizer.sgd(0.02).withMomentum(0),
            Optimizer.sgd(0.02).withNesterov(true).withWeightDecay(1e-4),
            Optimizer.adam(5e-3),
            Optimizer.adam(5e-3).withMomentum(0),
            Optimizer.rmsProp(2e-3),
            Optimizer.rmsProp(5e-4).withMomentum(0.9))) {
      List<EpochReport> history = train(network(), options().withOptimizer(optimizer)).history();
      assertThat(history.getLast().loss())
          .as("%s", optimizer)
          .isLessThan(history.getFirst().loss());
    }
  }

  @Test
  void goesOnFromACheckpointAsIfNothingHadHappened(@TempDir Path folder) {
    TrainingOptions options = options().withAveraging(0.9);
    Model whole = train(network(), options).model();
    Path file = folder.resolve("run.checkpoint");
    TrainingOptions saving = options.withCheckpoint(file);
    TrainingListener killer =
        new TrainingListener() {
          private int step;

          @Override
          public void onStep(int number, int steps, double loss) {
            step = number;
          }

          @Override
          public boolean stops() {
            return step == 14;
          }
        };
    try (Trainer trainer = Trainer.of(network(), saving)) {
      TrainingResult stopped = trainer.fit(halves(160, 1), Optional.of(halves(100, 2)), killer);
      assertThat(stopped.stop()).isEqualTo(TrainingResult.Stop.INTERRUPTED);
      assertThat(stopped.detail()).contains("step 14");
    }
    assertThat(Files.exists(file)).isTrue();
    assertThat(train(network(), saving).model().graph()).isEqualTo(whole.graph());
    assertThatThrownBy(() -> train(network(), saving.withSeed(7)))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("another run");
  }

  @Test
  void saysWhereItDivergedAndKeepsWhatWasGood() {
    TrainingOptions wild =
        options()
            .withOptimizer(Optimizer.sgd(1e6))
            .withSchedule(progress -> progress < 0.67 ? 1e-9 : 1);
    TrainingResult result = train(network(), wild);
    assertThat(result.stop()).isEqualTo(TrainingResult.Stop.DIVERGED);
    assertThat(result.detail()).contains("in epoch 3");
    for (Tensor tensor : result.model().graph().initializers().values()) {
      if (tensor.dtype().isFloat()) {
        for (int i = 0; i < tensor.size(); i++) {
          assertThat(tensor.getFloat(i)).isFinite();
        }
      }
    }
  }

  @Test
  void stopsEarly() {
    TrainingOptions still =
        options().withOptimizer(Optimizer.sgd(1e-12)).withEpochs(9).withPatience(2);
    Network network = new Network("still", 3);
    Model model = network.classifier(network.input(1, 8, 8).flatten().dense(2));
    TrainingResult result = train(model, still);
    assertThat(result.stop()).isEqualTo(TrainingResult.Stop.EARLY);
    assertThat(result.history()).hasSize(3);
  }

  @Test
  void refusesDataThatDoNotFit() {
    TrainingData data = halves(160, 1);
    data.classes()[17] = 2;
    try (Trainer trainer = Trainer.of(network(), options())) {
      assertThatThrownBy(() -> trainer.fit(data, Optional.empty(), TrainingListener.SILENT))
          .isInstanceOf(BadDataException.class)
          .hasMessage("The label of sample 17 is 2, but the model knows the classes 0 to 1.");
      assertThatThrownBy(
              () -> trainer.fit(halves(10, 1), Optional.empty(), TrainingListener.SILENT))
          .isInstanceOf(BadDataException.class)
          .hasMessageContaining("fewer than a batch");
    }
  }

  @Test
  void trainsValuesAndTellsItsMemory() {
    Model model = Zoo.build("mlp", new Zoo.Task(Shape.of(3), 1, false, 0, 1), 1);
    Random random = new Random(4);
    float[] samples = new float[3 * 200];
    float[] targets = new float[200];
    for (int i = 0; i < 200; i++) {
      for (int j = 0; j < 3; j++) {
        samples[i * 3 + j] = (float) random.nextGaussian();
      }
      targets[i] = samples[i * 3] - 2 * samples[i * 3 + 1];
    }
    TrainingData data = new TrainingData(200, samples, 3, new int[0], targets);
    TrainingOptions options =
        TrainingOptions.of(new Loss.Huber(1)).withBatch(20).withEpochs(40).withThreads(1);
    try (Trainer trainer = Trainer.of(model, options)) {
      assertThat(trainer.byteSize()).isGreaterThan(16 * trainer.parameterCount());
      TrainingResult result = trainer.fit(data, Optional.of(data), TrainingListener.SILENT);
      assertThat(result.history().getLast().score()).isLessThan(0.3);
    }
  }
}
