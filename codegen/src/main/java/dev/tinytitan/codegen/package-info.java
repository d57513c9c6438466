/** Machine code made at load time: what the processor can do, and whether it may be used here. */
@NullMarked
package dev.tinytitan.codegen;

import org.jspecify.annotations.NullMarked;
