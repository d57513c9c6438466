@NullMarked
package dev.tinytitan.train.op;

import org.jspecify.annotations.NullMarked;
