/** The runtime in the surroundings that users put it in: processes of their own, watched. */
@NullMarked
package dev.tinytitan.surroundings;

import org.jspecify.annotations.NullMarked;
