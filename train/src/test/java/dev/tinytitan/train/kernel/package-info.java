@NullMarked
package dev.tinytitan.train.kernel;

import org.jspecify.annotations.NullMarked;
