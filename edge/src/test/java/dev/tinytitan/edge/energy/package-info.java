/** Tests of energy accounting. */
package dev.tinytitan.edge.energy;
