/**
 * Quantization: a model in, a smaller model out, both standard ONNX. {@link
 * dev.tinytitan.compress.quantize.Quantizer} is the way in.
 */
@NullMarked
package dev.tinytitan.compress.quantize;

import org.jspecify.annotations.NullMarked;
