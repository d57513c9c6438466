package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Samples;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Real models with weights of 4 bits and activations of 8: rounding by what layers read against the
 * nearest levels. Calibrated on some synthetic inputs, judged on others; logits are compared.
 */
class LowBitModelsTest {

  private static double decibels(Model model, String name, Rounding rounding) {
    Samples judged = SyntheticInputs.of(name, 40, 2);
    QuantizationOptions options =
        QuantizationOptions.of(Scheme.INT8).withWeightBits(4).withRounding(rounding);
    Model small =
        new Quantizer(options)
            .quantize(model, SyntheticInputs.of(name, 64, 1), Samples.none())
            .model();
    return new Analysis(model.graph(), model.info(), judged, 2).outputSignalToNoise(small.graph());
  }

  /** The least gain in decibels: 3 dB are half of the squared error. */
  @ParameterizedTest
  @CsvSource({"kws, 1", "resnet8, 3", "vww, 2"})
  void bothWaysBeatTheNearestLevels(String name, double gain) {
    Model model = TinyModelsTest.logits(name);
    double nearest = decibels(model, name, Rounding.NEAREST);
    assertThat(decibels(model, name, Rounding.GPTQ)).isGreaterThan(nearest + gain);
    assertThat(decibels(model, name, Rounding.ADAROUND)).isGreaterThan(nearest + gain);
  }
}
