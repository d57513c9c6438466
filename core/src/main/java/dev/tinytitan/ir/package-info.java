/**
 * The one representation of a network: a graph of operators, and the contract an operator keeps.
 */
@NullMarked
package dev.tinytitan.ir;

import org.jspecify.annotations.NullMarked;
