package dev.tinytitan.kernel;

import dev.tinytitan.Experimental;

/**
 * How long one layer inside a kernel made of many took.
 *
 * @param layer what runs, such as {@code conv3x3}
 * @param node the node that it computes, perhaps with others
 * @param nanos the median of its runs, on one thread
 * @param products multiply-adds that it carries out; those with zeros that it leaves out do not
 *     count
 * @param floats whether these are of float32; else of 8-bit integers
 */
@Experimental
public record LayerTime(String layer, String node, double nanos, long products, boolean floats) {}
