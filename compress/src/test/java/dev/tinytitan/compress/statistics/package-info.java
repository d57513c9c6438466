@NullMarked
package dev.tinytitan.compress.statistics;

import org.jspecify.annotations.NullMarked;
