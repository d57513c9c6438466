/**
 * What generators of all kinds of kernels share: vectors of whatever width the processor has, sums
 * of products, rounding, cutting.
 */
@NullMarked
package dev.tinytitan.codegen.emit;

import org.jspecify.annotations.NullMarked;
