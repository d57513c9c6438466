package dev.tinytitan.compress.prune;

/**
 * Places of a constant that go together with others.
 *
 * @param constant its name
 * @param axis along which the places lie
 * @param places in ascending order; not to be changed
 */
public record WeightCut(String constant, int axis, int[] places) {}
