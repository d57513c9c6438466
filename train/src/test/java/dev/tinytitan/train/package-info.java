@NullMarked
package dev.tinytitan.train;

import org.jspecify.annotations.NullMarked;
