/** The engine {@code simd}: the inner loops of the kernels, on the Vector API. */
@NullMarked
package dev.tinytitan.simd;

import org.jspecify.annotations.NullMarked;
