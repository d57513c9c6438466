package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.onnx.OnnxWriter;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights of few bits, and the ways of rounding them, on small models. */
class RoundingTest {

  private static QuantizationOptions options(Scheme scheme, int bits, Rounding rounding) {
    return QuantizationOptions.of(scheme)
        .withWeightBits(bits)
        .withRounding(rounding)
        .withThreads(1);
  }

  private static QuantizationResult convolutions(int bits, Rounding rounding) {
    return new Quantizer(options(Scheme.INT8, bits, rounding))
        .quantize(TestGraphs.convolutions(), TestGraphs.images(64, 1), TestGraphs.images(32, 2));
  }

  private static QuantizationResult words(Scheme scheme, Rounding rounding) {
    return new Quantizer(options(scheme, 8, rounding))
        .quantize(TestGraphs.words(), TestGraphs.ids(64, 1), TestGraphs.ids(32, 2));
  }

  private static double noise(Model before, Model after, Samples samples) {
    double decibels =
        new Analysis(before.graph(), before.info(), samples, 1).outputSignalToNoise(after.graph());
    return Math.pow(10, -decibels / 10);
  }

  @ParameterizedTest
  @CsvSource({"4, INT4, 21", "3, INT4, 21", "2, INT2, 25"})
  void weightsAreStoredInTheirBits(int bits, DType dtype, int opset) {
    QuantizationResult result = convolutions(bits, Rounding.GPTQ);
    assertThat(result.opset()).isEqualTo(opset);
    Tensor weights = result.model().graph().initializers().get("conv_w_quantized");
    assertThat(weights.dtype()).isEqualTo(dtype);
    assertThat(weights.byteSize()).isEqualTo(432L * dtype.bits() / 8);
    int limit = 1 << (bits - 1);
    assertThat(Arrays.stream(weights.toIntArray()))
        .allMatch(level -> level >= -limit && level < limit);
    // 144 weights gain nothing.
    assertThat(result.model().graph().initializers().get("depthwise_w_quantized").dtype())
        .isEqualTo(DType.INT8);
  }

  /** The mean over all layers; that of the last one alone is a matter of luck. */
  private static double decibels(QuantizationResult result) {
    return result.layers().stream().mapToDouble(LayerReport::signalToNoise).average().orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(names = {"GPTQ", "ADAROUND"})
  void keepsTheLayersOfAConvolutionalNetwork(Rounding rounding) {
    for (int bits : new int[] {4, 2}) {
      QuantizationResult result = convolutions(bits, rounding);
      assertThat(decibels(result))
          .as("%s bits", bits)
          .isGreaterThan(decibels(convolutions(bits, Rounding.NEAREST)) + 1);
      assertThat(result.steps()).contains("round by " + rounding);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"GPTQ", "ADAROUND"})
  void keepsTheAnswersOfProductsInBlocks(Rounding rounding) {
    Samples samples = TestGraphs.ids(32, 2);
    Model model = TestGraphs.words();
    double nearest = noise(model, words(Scheme.INT4_WEIGHTS, Rounding.NEAREST).model(), samples);
    assertThat(noise(model, words(Scheme.INT4_WEIGHTS, rounding).model(), samples))
        .isLessThan(0.9 * nearest);
  }

  @ParameterizedTest
  @EnumSource(names = {"INT8", "INT8_DYNAMIC", "INT8_WEIGHTS", "INT4_WEIGHTS"})
  void everySchemeCanRoundByWhatLayersRead(Scheme scheme) {
    QuantizationResult result = words(scheme, Rounding.GPTQ);
    assertThat(result.evaluation().orElseThrow().after()).isGreaterThan(0.98);
  }

  @ParameterizedTest
  @EnumSource
  void theSameGivesTheSameFileByteForByte(Rounding rounding) {
    Model one = convolutions(4, rounding).model();
    Model other = convolutions(4, rounding).model();
    assertThat(OnnxWriter.toBytes(one.graph(), one.info()))
        .isEqualTo(OnnxWriter.toBytes(other.graph(), other.info()));
  }

  @Test
  void layersInFloatKeepTheirBiases() {
    QuantizationOptions options =
        options(Scheme.INT8, 4, Rounding.GPTQ).withExclude(List.of("dense"));
    Model small =
        new Quantizer(options)
            .quantize(TestGraphs.convolutions(), TestGraphs.images(16, 1), Samples.none())
            .model();
    assertThat(small.graph().initializers().get("dense_b"))
        .isEqualTo(TestGraphs.convolutions().graph().initializers().get("dense_b"));
  }

  @Test
  void samplesAreNeeded() {
    assertThatThrownBy(() ->
            new Quantizer(options(Scheme.INT4_WEIGHTS, 8, Rounding.GPTQ))
                .quantize(TestGraphs.words()))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("Rounding by gptq looks at what layers read");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 16})
  void otherBitsAreRefused(int bits) {
    QuantizationOptions options = QuantizationOptions.of(Scheme.INT8);
    assertThatThrownBy(() -> options.withWeightBits(bits))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2, 3, 4 or 8 bits");
  }

  @Test
  void labelsAreKnown() {
    for (Rounding rounding : Rounding.values()) {
      assertThat(Rounding.of(rounding.label())).isEqualTo(rounding);
    }
    assertThatThrownBy(() -> Rounding.of("up"))
        .hasMessage("There is no rounding 'up'; there are nearest, adaround, gptq.");
  }
}
