/** The command line: each command is one library call and prints its result. */
@NullMarked
package dev.tinytitan.cli;

import org.jspecify.annotations.NullMarked;
