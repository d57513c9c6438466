/** Small programs that show how TinyTitan is used; the build runs them and checks their answers. */
@NullMarked
package dev.tinytitan.examples;

import org.jspecify.annotations.NullMarked;
