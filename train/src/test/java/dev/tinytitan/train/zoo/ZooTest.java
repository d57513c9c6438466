package dev.tinytitan.train.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.EpochReport;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.TrainingResult;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ZooTest {

  static Stream<String> names() {
    return Zoo.names().stream();
  }

  private static Shape shape(String name) {
    return List.of("cnn-1d", "gru", "lstm", "tcn", "transformer").contains(name)
        ? Shape.of(3, 32)
        : Shape.of(1, 28, 28);
  }

  private static float[] random(int size, long seed) {
    Random random = new Random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Trains every architecture for a few steps, and runs the result in ONNX Runtime, too. */
  @ParameterizedTest
  @MethodSource("names")
  void trainsAndRunsElsewhere(String name) throws OrtException {
    Shape shape = shape(name);
    Model model = Zoo.build(name, new Zoo.Task(shape, 5, true, 0.1, 1.5), 1);
    TrainingData data =
        new TrainingData(
            8,
            random(8 * shape.size(), 2),
            shape.size(),
            new int[] {0, 1, 2, 3, 4, 0, 1, 2},
            new float[0]);
    TrainingOptions options =
        TrainingOptions.of(Loss.crossEntropy())
            .withBatch(8)
            .withEpochs(12)
            .withOptimizer(Optimizer.adam(1e-3))
            .withThreads(1);
    TrainingResult result;
    try (Trainer trainer = Trainer.of(model, options)) {
      result = trainer.fit(data, Optional.empty(), TrainingListener.SILENT);
    }
    List<EpochReport> history = result.history();
    assertThat(result.stop()).isEqualTo(TrainingResult.Stop.COMPLETED);
    double least = history.stream().skip(1).mapToDouble(EpochReport::loss).min().orElseThrow();
    assertThat(least).isLessThan(history.getFirst().loss());

    float[] sample = random(2 * shape.size(), 3);
    int[] batch = new int[shape.rank() + 1];
    batch[0] = 2;
    System.arraycopy(shape.toArray(), 0, batch, 1, shape.rank());
    float[] ours;
    try (Session session = result.model().open()) {
      ours =
          session
              .run(Map.of("input", Tensor.of(sample, batch)))
              .get("probabilities")
              .toFloatArray();
    }
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    long[] longs = Arrays.stream(batch).asLongStream().toArray();
    try (OrtSession peer = environment.createSession(result.model().toBytes());
        OnnxTensor input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(sample), longs);
        OrtSession.Result outputs = peer.run(Map.of("input", input))) {
      float[][] theirs = (float[][]) outputs.get(0).getValue();
      for (int i = 0; i < ours.length; i++) {
        assertThat(ours[i]).isCloseTo(theirs[i / 5][i % 5], Offset.offset(1e-4f));
      }
    }
  }

  @Test
  void sameSeedSameWeights() {
    Zoo.Task task = new Zoo.Task(Shape.of(1, 28, 28), 10, true, 0, 1);
    Model one = Zoo.build("lenet5", task, 1);
    assertThat(Zoo.build("lenet5", task, 1).graph()).isEqualTo(one.graph());
    assertThat(Zoo.build("lenet5", task, 2).graph()).isNotEqualTo(one.graph());
    assertThatThrownBy(() -> Zoo.build("lenet", task, 1)).hasMessageContaining("lenet300, lenet5");
  }
}
