/** Files: what every module needs to write them safely. */
@NullMarked
package dev.tinytitan.io;

import org.jspecify.annotations.NullMarked;
