@NullMarked
package dev.tinytitan.compress.metric;

import org.jspecify.annotations.NullMarked;
