/**
 * Pruning: channels, heads and neurons that leave the graph for good, with all that depends on them
 * ({@link dev.tinytitan.compress.prune.DependencyGraph}).
 */
@NullMarked
package dev.tinytitan.compress.prune;

import org.jspecify.annotations.NullMarked;
