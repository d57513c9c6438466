/** Load and run small neural networks: start at {@link dev.tinytitan.Model}. */
@NullMarked
package dev.tinytitan;

import org.jspecify.annotations.NullMarked;
