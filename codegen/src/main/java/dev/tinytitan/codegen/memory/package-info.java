/** Executable memory, and calls of the functions in it. */
@NullMarked
package dev.tinytitan.codegen.memory;

import org.jspecify.annotations.NullMarked;
