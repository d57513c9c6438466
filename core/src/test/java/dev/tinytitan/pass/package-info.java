/** Tests of the passes, one by one and in their pipelines. */
@NullMarked
package dev.tinytitan.pass;

import org.jspecify.annotations.NullMarked;
