/** ONNX's backend suite, run on the reference. */
@NullMarked
package dev.tinytitan.conformance;

import org.jspecify.annotations.NullMarked;
