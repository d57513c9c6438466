/** What a smaller sentence encoder keeps of a larger one. */
@NullMarked
package dev.tinytitan.bench.encoder;

import org.jspecify.annotations.NullMarked;
