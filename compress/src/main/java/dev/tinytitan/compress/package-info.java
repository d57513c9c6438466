/** What all ways of making a model smaller take: samples, and someone to tell of progress. */
@NullMarked
package dev.tinytitan.compress;

import org.jspecify.annotations.NullMarked;
