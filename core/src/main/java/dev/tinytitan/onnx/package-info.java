/**
 * ONNX files: bytes to {@link dev.tinytitan.ir.Graph} and back, nothing else.
 *
 * <p>Reading goes in two steps: {@code ModelDecoder} reads the protobuf messages into the records
 * of {@code OnnxProto}, {@code GraphImport} turns those into a graph in which every operator has
 * its newest form. Writing goes the same way back: {@code GraphExport}, then {@code ModelEncoder}.
 */
@NullMarked
@Experimental
package dev.tinytitan.onnx;

import dev.tinytitan.Experimental;
import org.jspecify.annotations.NullMarked;
