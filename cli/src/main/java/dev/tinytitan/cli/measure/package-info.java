/** What commands measure models by. */
@NullMarked
package dev.tinytitan.cli.measure;

import org.jspecify.annotations.NullMarked;
