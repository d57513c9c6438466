/** What commands print: aligned tables, JSON, numbers a person can read. */
@NullMarked
package dev.tinytitan.cli.output;

import org.jspecify.annotations.NullMarked;
