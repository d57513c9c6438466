/** ONNX's backend suite, run on every engine. */
@NullMarked
package dev.tinytitan.conformance;

import org.jspecify.annotations.NullMarked;
