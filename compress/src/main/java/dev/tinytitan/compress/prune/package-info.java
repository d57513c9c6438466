/**
 * Pruning: channels, heads and neurons that leave the graph for good ({@link
 * dev.tinytitan.compress.prune.StructuredPruner}, with all that depends on them: {@link
 * dev.tinytitan.compress.prune.DependencyGraph}), and weights that become zero ({@link
 * dev.tinytitan.compress.prune.SparsePruner}).
 */
@NullMarked
package dev.tinytitan.compress.prune;

import org.jspecify.annotations.NullMarked;
