@NullMarked
package dev.tinytitan.train.zoo;

import org.jspecify.annotations.NullMarked;
