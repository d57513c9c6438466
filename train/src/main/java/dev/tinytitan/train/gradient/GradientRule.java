package dev.tinytitan.train.gradient;

import dev.tinytitan.ir.GradientContext;

/** How the nodes of one operator are differentiated, in place of what the operator itself says. */
@FunctionalInterface
interface GradientRule {
  /** Adds the nodes that compute the gradients of the node's inputs. */
  void apply(GradientContext context);
}
