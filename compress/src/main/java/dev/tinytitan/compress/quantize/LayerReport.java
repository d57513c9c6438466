package dev.tinytitan.compress.quantize;

/**
 * What quantization does to one layer: its result in the quantized model against its result in the
 * float model, errors of all layers before it included.
 *
 * @param name the node's name
 * @param operator the node's operator, such as {@code Conv}
 * @param weightBits how many bits tell one of its weights from another; 32 if they stay float, 0
 *     for a layer without weights
 * @param signalToNoise in decibels; below about 10 a layer hurts. Infinity if nothing changed
 * @param cosine from -1 to 1
 */
public record LayerReport(
    String name, String operator, int weightBits, double signalToNoise, double cosine) {}
