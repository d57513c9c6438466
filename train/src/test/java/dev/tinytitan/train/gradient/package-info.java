@NullMarked
package dev.tinytitan.train.gradient;

import org.jspecify.annotations.NullMarked;
