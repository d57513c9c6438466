/** Reports of commands: what the library's have, with real examples. */
@NullMarked
package dev.tinytitan.cli.report;

import org.jspecify.annotations.NullMarked;
