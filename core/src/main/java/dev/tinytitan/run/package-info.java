/**
 * Plans, memory and threads: how a graph is run. Not exported; {@link dev.tinytitan.Session} is.
 */
@NullMarked
package dev.tinytitan.run;

import org.jspecify.annotations.NullMarked;
