/**
 * The one representation of a network: a graph of operators, and the contract an operator keeps.
 */
@NullMarked
@Experimental
package dev.tinytitan.ir;

import dev.tinytitan.Experimental;
import org.jspecify.annotations.NullMarked;
