@NullMarked
package dev.tinytitan.compress.math;

import org.jspecify.annotations.NullMarked;
