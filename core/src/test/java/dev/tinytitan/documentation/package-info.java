/** What the documentation says, held against the code. */
@NullMarked
package dev.tinytitan.documentation;

import org.jspecify.annotations.NullMarked;
