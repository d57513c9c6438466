package dev.tinytitan.compress.prune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The sentence encoder all-MiniLM-L6-v2, as exported: heads and feed-forward neurons go. */
class MiniLmPruningTest {

  static Model model() {
    try (InputStream in =
        Objects.requireNonNull(
            MiniLmPruningTest.class.getResourceAsStream("/all-minilm-l6-v2.onnx"))) {
      return Model.load(in.readAllBytes());
    } catch (IOException error) {
      throw new java.io.UncheckedIOException(error);
    }
  }

  @Test
  void headsAndNeuronsGo() {
    long[] ids = new Random(1).longs(2 * 9, 1000, 20000).toArray();
    long[] ones = new long[18];
    Arrays.fill(ones, 1);
    Map<String, Tensor> inputs =
        Map.of(
            "input_ids", Tensor.of(ids, 2, 9),
            "attention_mask", Tensor.of(ones, 2, 9),
            "token_type_ids", Tensor.of(new long[18], 2, 9));
    StructuralPruning.Outcome outcome =
        StructuralPruning.check(model().graph(), inputs, 0.4, 1, 1e-4);
    assertThat(outcome.dependencies().groups())
        .filteredOn(group -> group.kind() == ChannelGroup.Kind.HEADS)
        .hasSize(6)
        .allSatisfy(group -> {
          assertThat(group.units()).hasSize(12);
          assertThat(group.width()).isEqualTo(32);
          assertThat(group.producers()).hasSize(3);
        });
    assertThat(outcome.dependencies().groups())
        .filteredOn(group -> group.kind() == ChannelGroup.Kind.NEURONS)
        .hasSize(6)
        .allSatisfy(group -> assertThat(group.units()).hasSize(1536));
  }
}
