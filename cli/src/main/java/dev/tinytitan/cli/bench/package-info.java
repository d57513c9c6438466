/** Other engines as peers to measure against. */
@NullMarked
package dev.tinytitan.cli.bench;

import org.jspecify.annotations.NullMarked;
