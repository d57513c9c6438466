/** What the processor can do at most, measured with hand-made kernels. */
@NullMarked
package dev.tinytitan.codegen.probe;

import org.jspecify.annotations.NullMarked;
