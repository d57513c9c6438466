/** The operators: one file each, listed in {@link dev.tinytitan.op.Catalog}. */
@NullMarked
@Experimental
package dev.tinytitan.op;

import dev.tinytitan.Experimental;
import org.jspecify.annotations.NullMarked;
