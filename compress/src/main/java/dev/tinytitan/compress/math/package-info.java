/** Linear algebra that pruning and quantization share. Internal. */
@NullMarked
package dev.tinytitan.compress.math;

import org.jspecify.annotations.NullMarked;
