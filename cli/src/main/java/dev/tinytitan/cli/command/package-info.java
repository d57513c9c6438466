/** One file a command. */
@NullMarked
package dev.tinytitan.cli.command;

import org.jspecify.annotations.NullMarked;
