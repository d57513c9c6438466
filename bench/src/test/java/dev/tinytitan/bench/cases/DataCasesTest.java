package dev.tinytitan.bench.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SharedData;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Network;
import dev.tinytitan.train.TrainingData;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DataCasesTest {

  static List<DataCase> cases() {
    return DataCases.all();
  }

  private static Recordings read(DataCase each) {
    return each.read(SharedData.require("datasets/" + each.folder() + "/train.npz"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void readsItsDataAndHoldsBackWholeGroups(DataCase each) {
    Recordings recordings = read(each);
    TrainingData data = recordings.data();
    assertThat(data.sampleSize()).isEqualTo(recordings.shape().size());
    assertThat(data.samples()).hasSize(data.size() * data.sampleSize());
    for (float value : data.samples()) {
      assertThat(Float.isFinite(value)).isTrue();
    }
    for (Fold fold : each.folds(recordings, 3)) {
      Set<Integer> judged = Arrays.stream(fold.judged()).boxed().collect(Collectors.toSet());
      assertThat(judged.size()).isBetween(data.size() / 20, data.size() * 6 / 10);
      if (fold.name().startsWith("other") || fold.name().equals("validation")) {
        Set<Long> inside = new HashSet<>();
        Set<Long> outside = new HashSet<>();
        for (int i = 0; i < data.size(); i++) {
          (judged.contains(i) ? inside : outside).add(recordings.groups()[i]);
        }
        assertThat(inside).doesNotContainAnyElementsOf(outside);
      }
    }
  }

  /** The files may be 100 kB; this is one number for each parameter, in float32. */
  @ParameterizedTest
  @MethodSource("cases")
  void networksAreSmall(DataCase each) {
    Recordings recordings = read(each);
    Network network = new Network(each.name(), 1);
    Layer output = each.network(network.input(recordings.shape().toArray()), recordings.outputs());
    assertThat(output.shape()).isEqualTo(Shape.of(recordings.outputs()));
    Model model = network.model(output);
    long parameters =
        model.graph().initializers().values().stream().mapToLong(tensor -> tensor.size()).sum();
    assertThat(parameters).isLessThan(100_000);
  }

  @Test
  void channelsAreStandardizedByTrainingSamplesOnly() {
    TrainingData data =
        new TrainingData(
            3,
            new float[] {1, 3, 10, 10, 5, 7, 20, 40, 99, 99, 0, 0},
            4,
            new int[] {0, 1, 0},
            new float[0]);
    Recordings recordings = new Recordings(data, Shape.of(2, 2), new long[] {0, 1, 2}, 2);
    float[] samples = recordings.scaling(new int[] {0, 1}, 1).apply(data).samples();
    double deviation = Math.sqrt(5);
    assertThat(samples[0]).isCloseTo((float) (-3 / deviation), within(1e-5f));
    assertThat(samples[5]).isCloseTo((float) (3 / deviation), within(1e-5f));
    assertThat(samples[8]).isCloseTo((float) (95 / deviation), within(1e-4f));
    assertThat(samples[2] + samples[3] + samples[6] + samples[7]).isCloseTo(0f, within(1e-4f));
  }

  /** What a file of a case answers to data as they are is what it learned of scaled data. */
  @Test
  void theScalingIsPartOfTheModel() {
    Scaling scaling = new Scaling(new double[] {2, -4}, new double[] {0.5, 3}, 125);
    Network network = new Network("n", 1);
    Model learned = network.model(network.input(2, 3).flatten().dense(1));
    float[] sample = {1, 2, 3, 4, 5, 6};
    TrainingData raw = new TrainingData(1, sample, 6, new int[0], new float[] {250});
    TrainingData scaled = scaling.apply(raw);
    assertThat(scaled.targets()).containsExactly(2);
    double expected = 125 * answer(learned, scaled.samples());
    assertThat(answer(scaling.into(learned, Shape.of(2, 3)), sample))
        .isCloseTo(expected, within(1e-3));
  }

  private static double answer(Model model, float[] sample) {
    try (Session session = model.open()) {
      return session
          .run(Map.of("input", Tensor.of(sample, 1, 2, 3)))
          .values()
          .iterator()
          .next()
          .getDouble(0);
    }
  }
}
