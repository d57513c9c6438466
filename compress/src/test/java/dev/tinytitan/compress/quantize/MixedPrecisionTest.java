package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.OverBudgetException;
import dev.tinytitan.compress.Samples;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MixedPrecisionTest {

  private static QuantizationResult words(long most, Rounding rounding) {
    QuantizationOptions options =
        QuantizationOptions.of(Scheme.MIXED)
            .withMaxBytes(most)
            .withRounding(rounding)
            .withThreads(1);
    return new Quantizer(options)
        .quantize(TestGraphs.words(), TestGraphs.ids(32, 1), TestGraphs.ids(32, 2));
  }

  private static Map<String, Integer> bits(QuantizationResult result) {
    return result.layers().stream()
        .filter(layer -> layer.weightBits() > 0)
        .collect(Collectors.toMap(LayerReport::name, LayerReport::weightBits));
  }

  @ParameterizedTest
  @EnumSource(names = {"NEAREST", "GPTQ"})
  void theBudgetHoldsAndIsUsed(Rounding rounding) {
    long all = words(1 << 20, rounding).bytesAfter();
    long before = Long.MAX_VALUE;
    for (long most : new long[] {all, all - 1000, all - 4000, all - 6500, all - 8500}) {
      QuantizationResult result = words(most, rounding);
      assertThat(result.bytesAfter()).isLessThanOrEqualTo(most).isLessThanOrEqualTo(before);
      before = result.bytesAfter();
    }
  }

  @Test
  void withinALargeBudgetAllLayersKeepEightBits() {
    assertThat(bits(words(1 << 20, Rounding.NEAREST)))
        .containsEntry("up", 8)
        .containsEntry("down", 8);
  }

  @Test
  void theLayerThatMattersMostKeepsItsBits() {
    // The two products have the same size; the normalization's one large channel makes the first
    // one's result, and so the second one's error, what the output mostly is.
    QuantizationResult all = words(1 << 20, Rounding.NEAREST);
    QuantizationResult result = words(all.bytesAfter() - 2500, Rounding.NEAREST);
    Map<String, Integer> bits = bits(result);
    assertThat(bits.get("up") + bits.get("down")).isEqualTo(12);
    double noise = result.evaluation().orElseThrow().after();
    QuantizationOptions four = QuantizationOptions.of(Scheme.INT8).withWeightBits(4).withThreads(1);
    Model model = TestGraphs.words();
    double both =
        new Quantizer(four)
            .quantize(model, TestGraphs.ids(32, 1), TestGraphs.ids(32, 2))
            .evaluation()
            .orElseThrow()
            .after();
    assertThat(noise).isGreaterThan(both);
  }

  @Test
  void aBudgetThatCannotBeHeldIsSaid() {
    assertThatThrownBy(() -> words(9000, Rounding.NEAREST))
        .isInstanceOf(OverBudgetException.class)
        .hasMessageContaining("Even with the fewest bits for all layers the file has")
        .hasMessageContaining("over the 9000 allowed");
  }

  @Test
  void theBudgetMustBeGiven() {
    QuantizationOptions options = QuantizationOptions.of(Scheme.MIXED);
    assertThatThrownBy(() ->
            new Quantizer(options)
                .quantize(TestGraphs.words(), TestGraphs.ids(4, 1), Samples.none()))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("needs to know how many bytes");
    assertThatThrownBy(() -> QuantizationOptions.of(Scheme.INT8).withMaxBytes(5))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> options.withMaxDrop(1)).isInstanceOf(IllegalArgumentException.class);
  }
}
