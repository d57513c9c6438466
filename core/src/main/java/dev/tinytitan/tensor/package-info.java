/** Tensors, their shapes and element types. */
@NullMarked
package dev.tinytitan.tensor;

import org.jspecify.annotations.NullMarked;
