/** What the ways of compressing share; not exported. */
@NullMarked
package dev.tinytitan.compress.internal;

import org.jspecify.annotations.NullMarked;
