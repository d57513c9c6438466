package dev.tinytitan.codegen.attention;

/**
 * What the code of an attention depends on: nothing that changes with the length of the input, so
 * that plans for all lengths share it.
 *
 * @param headSize floats of a query or key of one head, a multiple of 4
 * @param valueSize floats of a value of one head, a multiple of 4
 * @param queryStride floats from one query to the next
 * @param keyStride floats from one key to the next
 * @param valueStride floats from one value to the next
 * @param outputStride floats from one result to the next
 * @param scale by what scores are multiplied
 * @param masked whether there is an additive mask
 */
record AttentionShape(
    int headSize,
    int valueSize,
    int queryStride,
    int keyStride,
    int valueStride,
    int outputStride,
    float scale,
    boolean masked) {}
