@NullMarked
package dev.tinytitan.compress.search;

import org.jspecify.annotations.NullMarked;
