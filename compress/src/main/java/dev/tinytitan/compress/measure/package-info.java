/** Measuring models side by side: contenders in turns, medians, ratios. */
@NullMarked
package dev.tinytitan.compress.measure;

import org.jspecify.annotations.NullMarked;
