/**
 * Graph to graph: one file a pass; {@link dev.tinytitan.pass.Pipelines} says their order and why.
 */
@NullMarked
@Experimental
package dev.tinytitan.pass;

import dev.tinytitan.Experimental;
import org.jspecify.annotations.NullMarked;
