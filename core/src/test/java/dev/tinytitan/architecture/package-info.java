/** Tests of the rules that docs/architecture.md draws. */
@NullMarked
package dev.tinytitan.architecture;

import org.jspecify.annotations.NullMarked;
