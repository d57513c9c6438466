/** Measuring contenders side by side: fair rounds, medians, other engines as peers. */
@NullMarked
package dev.tinytitan.cli.bench;

import org.jspecify.annotations.NullMarked;
