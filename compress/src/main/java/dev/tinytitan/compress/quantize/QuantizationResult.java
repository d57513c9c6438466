package dev.tinytitan.compress.quantize;

import dev.tinytitan.Model;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A quantized model, with all that is to be said about it.
 *
 * @param model standard ONNX, ready to be saved or opened
 * @param options what was asked for
 * @param layers what quantization does to each layer, the one that is hurt most first; empty
 *     without data
 * @param excluded nodes that stay in higher precision, each with the reason
 * @param steps what was done to the float model before, in order, such as {@code equalize}
 * @param evaluation against the float model; empty without data to evaluate with
 * @param bytesBefore of the float model's file
 * @param bytesAfter of the quantized model's file
 * @param opset of the quantized model's file; above the float model's only where it must be
 * @param calibrationSamples how many samples the ranges come from
 * @param modelHash SHA-256 of the float model's graph and weights
 * @param calibrationHash SHA-256 of the samples that were calibrated with
 * @param evaluationHash SHA-256 of the samples that were evaluated with
 */
public record QuantizationResult(
    Model model,
    QuantizationOptions options,
    List<LayerReport> layers,
    Map<String, String> excluded,
    List<String> steps,
    Optional<Evaluation> evaluation,
    long bytesBefore,
    long bytesAfter,
    int opset,
    int calibrationSamples,
    String modelHash,
    String calibrationHash,
    String evaluationHash) {

  public QuantizationResult {
    layers = List.copyOf(layers);
    excluded = Collections.unmodifiableMap(new LinkedHashMap<>(excluded));
    steps = List.copyOf(steps);
  }

  /** How many times smaller the file is. */
  public double ratio() {
    return (double) bytesBefore / bytesAfter;
  }
}
