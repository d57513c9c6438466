/** Small architectures, each a few lines over {@link dev.tinytitan.train.Network}. */
@NullMarked
package dev.tinytitan.train.zoo;

import org.jspecify.annotations.NullMarked;
