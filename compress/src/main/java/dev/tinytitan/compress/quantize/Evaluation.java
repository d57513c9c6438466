package dev.tinytitan.compress.quantize;

/**
 * The quantized model against the float model, on samples that neither calibration nor the choice
 * of layers saw.
 *
 * @param metric what was measured
 * @param unit what all figures are in
 * @param samples how many samples
 * @param before the float model's score
 * @param after the quantized model's
 * @param drop how much worse it is
 * @param dropBound the drop is at most this, at 95 % confidence, judged on pairs
 */
public record Evaluation(
    String metric,
    String unit,
    int samples,
    double before,
    double after,
    double drop,
    double dropBound) {}
