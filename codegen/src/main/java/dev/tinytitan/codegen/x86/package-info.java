/** An assembler for x86-64 with AVX2 and AVX-512. */
@NullMarked
package dev.tinytitan.codegen.x86;

import org.jspecify.annotations.NullMarked;
