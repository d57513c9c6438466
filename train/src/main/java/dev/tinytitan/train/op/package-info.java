/** Operators that only training needs; internal, never exported. */
@NullMarked
package dev.tinytitan.train.op;

import org.jspecify.annotations.NullMarked;
