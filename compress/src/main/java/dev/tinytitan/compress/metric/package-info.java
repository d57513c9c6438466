/** How good answers are: what budgets are about, and how sure it is on so many samples. */
@NullMarked
package dev.tinytitan.compress.metric;

import org.jspecify.annotations.NullMarked;
