package dev.tinytitan.onnx;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;

/**
 * What an ONNX file holds. Immutable.
 *
 * @param graph the network, operators in their newest form
 * @param info what the file says about itself
 */
public record OnnxModel(Graph graph, ModelInfo info) {}
