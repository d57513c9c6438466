@NullMarked
package dev.tinytitan.compress;

import org.jspecify.annotations.NullMarked;
