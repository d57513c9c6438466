/** Plain Java kernels with the bits of generated code, which answer until that is made. */
@NullMarked
package dev.tinytitan.codegen.standin;

import org.jspecify.annotations.NullMarked;
