/** The ONNX backend test suite. */
@NullMarked
package dev.tinytitan.cli.conformance;

import org.jspecify.annotations.NullMarked;
