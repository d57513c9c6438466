/**
 * ONNX files: bytes to {@link dev.tinytitan.ir.Graph} and back, nothing else.
 *
 * <p>Reading goes in two steps: {@code ModelDecoder} reads the protobuf messages into the records
 * of {@code OnnxProto}, {@code GraphImporter} turns those into a graph in which every operator has
 * its newest form. Writing goes the same way back: {@code GraphExporter}, then {@code
 * ModelEncoder}.
 */
@NullMarked
package dev.tinytitan.onnx;

import org.jspecify.annotations.NullMarked;
