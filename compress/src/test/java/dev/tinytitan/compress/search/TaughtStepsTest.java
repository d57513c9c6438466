package dev.tinytitan.compress.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.compress.ArchiveSize;
import dev.tinytitan.compress.ClusteredWeights;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.prune.SparseMethod;
import dev.tinytitan.compress.prune.SparsePattern;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Evaluation;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Steps that make a model smaller and train it, by what the original answers. */
class TaughtStepsTest {
  private static final Model MODEL = Blobs.trained();
  private static final Samples SAMPLES = Blobs.samples(800, 6);
  private static final SearchData DATA = SearchData.forRecipe(SAMPLES, 0.75, Samples.none(), 1);
  private static final Distill TAUGHT =
      new Distill(TrainingPlan.of(6).withLearningRate(3e-3).withAveraging(0.9), 2, 0.3);

  private static final PruneSparse SPARSE =
      new PruneSparse(
          new SparsePattern.Unstructured(),
          0.85,
          SparseMethod.GRADUAL,
          Optional.of(TAUGHT),
          List.of(),
          64);

  private static Model apply(Step... steps) {
    return CompressionSearch.apply(Recipe.of(1, steps), MODEL, DATA, 1);
  }

  private static double accuracy(Model model) {
    return Evaluation.score(
        model,
        new SearchData(DATA.judging(), DATA.judging(), DATA.judging()).trainingData(0, true),
        SessionOptions.defaults());
  }

  private static long zeros(Tensor tensor) {
    return IntStream.range(0, tensor.size()).filter(i -> tensor.getFloat(i) == 0).count();
  }

  @Test
  void weightsBecomeZeroWhileTheOriginalTeaches() {
    Model sparse = apply(SPARSE);
    List<Tensor> weights =
        sparse.graph().initializers().values().stream().filter(t -> t.size() >= 96).toList();
    assertThat(weights)
        .hasSize(3)
        .allSatisfy(
            tensor -> assertThat((double) zeros(tensor) / tensor.size()).isBetween(0.84, 0.86));
    Model oneShot =
        apply(
            new PruneSparse(
                SPARSE.pattern(), 0.85, SparseMethod.MAGNITUDE, Optional.empty(), List.of(), 64));
    assertThat(accuracy(sparse)).isGreaterThan(accuracy(oneShot) + 0.05);
  }

  @Test
  void codebooksAreTrainedAndZerosOfThemStay() {
    Model sparse = apply(SPARSE);
    Model found = apply(SPARSE, Cluster.of(4));
    Model trained = apply(SPARSE, new Cluster(4, Optional.of(TAUGHT), List.of(), 200));
    Map<String, Tensor> before = ClusteredWeights.of(found);
    Map<String, Tensor> after = ClusteredWeights.of(trained);
    assertThat(after.keySet()).hasSize(2).isEqualTo(before.keySet());
    after.forEach((name, weights) -> {
      assertThat(weights).isNotEqualTo(before.get(name));
      Tensor pruned = Objects.requireNonNull(sparse.graph().initializers().get(name));
      for (int i = 0; i < weights.size(); i++) {
        assertThat(weights.getFloat(i) == 0 || pruned.getFloat(i) != 0).isTrue();
      }
    });
    assertThat(
            trained.graph().initializers().values().stream()
                .filter(tensor -> tensor.dtype() == DType.UINT2))
        .hasSize(2);
    assertThat(accuracy(trained)).isGreaterThanOrEqualTo(accuracy(found));
    assertThat(ArchiveSize.of(trained)).isLessThan(ArchiveSize.of(sparse));
  }

  @Test
  void bitsWithinBytesAreTrainedWith() {
    QuantizationAware mixed =
        new QuantizationAware(8, OptionalLong.of(4_800), TAUGHT, List.of(), 100);
    Model small = apply(mixed);
    assertThat(small.toBytes().length).isLessThanOrEqualTo(4_800);
    assertThat(small.graph().initializers().values().stream().map(Tensor::dtype))
        .containsAnyOf(DType.INT4, DType.INT2);
    assertThat(accuracy(small)).isGreaterThan(accuracy(MODEL) - 0.05);
    assertThat(mixed.words()).contains("for a file of at most 4800 bytes");
  }

  @Test
  void aRecipeMayTrainOnMostOfTheData() {
    assertThat(DATA.training().size()).isEqualTo(600);
    assertThat(DATA.judging().size()).isEqualTo(200);
    Samples others = Blobs.samples(50, 9);
    assertThat(SearchData.forRecipe(SAMPLES, 1, others, 1).training().size()).isEqualTo(800);
    assertThat(SearchData.forRecipe(SAMPLES, 1, others, 1).judging()).isSameAs(others);
    assertThatThrownBy(() -> SearchData.forRecipe(SAMPLES, 1, Samples.none(), 1))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("nothing to judge by");
  }
}
