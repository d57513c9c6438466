/** What elastic models and the controller reach, measured. */
@NullMarked
package dev.tinytitan.bench.elastic;

import org.jspecify.annotations.NullMarked;
