/**
 * Compression as recipes: ordered steps that can be printed, saved and run again, and the search
 * for the best one within a budget of accuracy.
 */
@NullMarked
package dev.tinytitan.compress.search;

import org.jspecify.annotations.NullMarked;
