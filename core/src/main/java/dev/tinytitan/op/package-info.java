/** The operators: one file each, listed in {@link dev.tinytitan.op.Catalog}. */
@NullMarked
package dev.tinytitan.op;

import org.jspecify.annotations.NullMarked;
