/** How fast networks are trained, beside PyTorch. */
@NullMarked
package dev.tinytitan.bench.training;

import org.jspecify.annotations.NullMarked;
