/**
 * Differentiating a graph: nodes are added that compute the gradients of a loss. Start at {@link
 * dev.tinytitan.train.gradient.Differentiator}.
 */
@NullMarked
package dev.tinytitan.train.gradient;

import org.jspecify.annotations.NullMarked;
