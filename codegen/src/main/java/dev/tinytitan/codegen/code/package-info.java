/** Machine code while it is assembled and after, whatever the processor. */
@NullMarked
package dev.tinytitan.codegen.code;

import org.jspecify.annotations.NullMarked;
