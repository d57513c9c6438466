/** What can be said about models from a finite number of samples: intervals and bounds. */
@NullMarked
package dev.tinytitan.compress.statistics;

import org.jspecify.annotations.NullMarked;
