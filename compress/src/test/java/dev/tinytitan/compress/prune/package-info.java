@NullMarked
package dev.tinytitan.compress.prune;

import org.jspecify.annotations.NullMarked;
