/** Data of any kind, brought to the inputs of a model. */
@NullMarked
package dev.tinytitan.cli.samples;

import org.jspecify.annotations.NullMarked;
