/** Loads ONNX models and runs them on the JVM without native libraries. */
@NullMarked
package dev.tinytitan;

import org.jspecify.annotations.NullMarked;
