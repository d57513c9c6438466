@NullMarked
package dev.tinytitan.compress.quantize;

import org.jspecify.annotations.NullMarked;
