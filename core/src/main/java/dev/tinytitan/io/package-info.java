/** Files: what every module needs to write them safely. */
@NullMarked
@Experimental
package dev.tinytitan.io;

import dev.tinytitan.Experimental;
import org.jspecify.annotations.NullMarked;
