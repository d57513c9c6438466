/** Whole runs of integer layers compiled into one function: layout, weights, code. */
@NullMarked
package dev.tinytitan.codegen.chain;

import org.jspecify.annotations.NullMarked;
