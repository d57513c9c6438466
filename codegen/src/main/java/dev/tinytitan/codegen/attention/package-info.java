/** Attention over heads that lie side by side in rows: scores, softmax, weighted sums of values. */
@NullMarked
package dev.tinytitan.codegen.attention;

import org.jspecify.annotations.NullMarked;
