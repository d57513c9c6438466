@NullMarked
package dev.tinytitan.compress.distill;

import org.jspecify.annotations.NullMarked;
