package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.compress.ClusteredWeights;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.SmallImages;
import dev.tinytitan.compress.prune.SparseMethod;
import dev.tinytitan.compress.prune.SparseOptions;
import dev.tinytitan.compress.prune.SparsePattern;
import dev.tinytitan.compress.prune.SparsePruner;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Codebooks trained together with which weight has which value, on images of four classes. */
class TrainedCodebooksTest {
  private static SmallImages images;
  private static Model model;

  @BeforeAll
  static void learnInFloat() {
    images = new SmallImages();
    model = images.learned(30);
  }

  private static Quantizer clusters(int count) {
    return new Quantizer(
        QuantizationOptions.of(Scheme.CLUSTERS).withClusters(count).withThreads(1));
  }

  private static Model found(Model whole, int count) {
    return clusters(count).quantize(whole, images.samples, Samples.none()).model();
  }

  private static Model trained(Model whole, int count, int epochs) {
    return clusters(count)
        .withTraining(images.training(epochs))
        .quantize(whole, images.samples, Samples.none())
        .model();
  }

  /** Which weights have the greater of two values. */
  private static BitSet greater(Tensor weights) {
    float[] values = weights.toFloatArray();
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    BitSet greater = new BitSet();
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i]).isIn(sorted[0], sorted[values.length - 1]);
      greater.set(i, values[i] > sorted[0]);
    }
    return greater;
  }

  @Test
  void weightsMoveToOtherValues() {
    Model found = found(model, 2);
    Model trained = trained(model, 2, 12);
    Map<String, Tensor> after = ClusteredWeights.of(trained);
    assertThat(after).hasSizeGreaterThan(1);
    ClusteredWeights.of(found)
        .forEach((name, before) -> {
          BitSet moved = greater(before);
          moved.xor(greater(Objects.requireNonNull(after.get(name))));
          assertThat(moved.cardinality()).as(name).isGreaterThan(before.size() / 100);
        });
    assertThat(images.accuracy(found)).isLessThan(images.accuracy(model) - 0.1);
    assertThat(images.accuracy(trained)).isGreaterThan(images.accuracy(model) - 0.05);
  }

  @Test
  void zerosOfPrunedWeightsStay() {
    SparseOptions most =
        SparseOptions.of(new SparsePattern.Unstructured(), 0.7, SparseMethod.MAGNITUDE);
    Model pruned = new SparsePruner(most).prune(model).model();
    Model trained = trained(pruned, 4, 6);
    Map<String, Tensor> weights = ClusteredWeights.of(trained);
    // Those behind which a normalization is folded have new names.
    weights.keySet().retainAll(pruned.graph().initializers().keySet());
    assertThat(weights).hasSize(2);
    weights.forEach((name, after) -> {
      Tensor before = Objects.requireNonNull(pruned.graph().initializers().get(name));
      int[] zeros =
          IntStream.range(0, before.size()).filter(i -> before.getFloat(i) == 0).toArray();
      assertThat(zeros).hasSizeGreaterThan(before.size() / 2);
      for (int i : zeros) {
        assertThat(after.getFloat(i)).as("%s at %d", name, i).isZero();
      }
    });
    assertThat(images.accuracy(trained)).isGreaterThan(images.accuracy(found(pruned, 4)));
  }

  @Test
  void isTheSameEachTime() {
    assertThat(trained(model, 8, 1).graph()).isEqualTo(trained(model, 8, 1).graph());
  }
}
