/** How good a model's answers are: scores with confidence intervals, and confusions. */
@NullMarked
package dev.tinytitan.cli.evaluate;

import org.jspecify.annotations.NullMarked;
