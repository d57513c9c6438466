package dev.tinytitan.kernel;

/**
 * What an engine gives so that the kernels of this package run on it: the inner loops. Everything
 * around them (addresses, packing, blocks, parts) is written once and shared by all engines.
 *
 * @param matrices products of gathered rows with packed matrices
 * @param windows depthwise convolution and pooling over channels
 * @param elements functions of each element by itself, or of pairs
 * @param rows functions of whole rows: softmax, normalization, sums
 */
public record VectorOperations(
    MatrixOperations matrices,
    WindowOperations windows,
    ElementOperations elements,
    RowOperations rows) {}
