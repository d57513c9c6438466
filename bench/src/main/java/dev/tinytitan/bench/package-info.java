/** Other engines side by side with TinyTitan, and gates on the ratios. */
@NullMarked
package dev.tinytitan.bench;

import org.jspecify.annotations.NullMarked;
