/** The demo: a real sentence encoder made small, checked, timed and shown. */
@NullMarked
package dev.tinytitan.cli.demo;

import org.jspecify.annotations.NullMarked;
