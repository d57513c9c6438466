/**
 * Fast kernels: the table that lists them, how one is chosen, and the kernels in plain Java.
 *
 * <p>An engine is a list of {@link dev.tinytitan.kernel.KernelRow}s. Experimental.
 */
@NullMarked
@Experimental
package dev.tinytitan.kernel;

import dev.tinytitan.Experimental;
import org.jspecify.annotations.NullMarked;
