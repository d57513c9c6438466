/** Kernels for training, over the inner loops of any engine. */
@NullMarked
package dev.tinytitan.train.kernel;

import org.jspecify.annotations.NullMarked;
