package dev.tinytitan.onnx;

import dev.tinytitan.OverBudgetException;
import dev.tinytitan.io.AtomicFile;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;

/**
 * Writes graphs as standard ONNX files, in the opset that the model information names, or a newer
 * one where an operator needs it. The same graph gives the same bytes. Mapped weights are streamed
 * from file to file.
 */
public final class OnnxWriter {
  /** Protobuf messages end here; beyond, weights go into a file beside the model. */
  private static final long MAX_MESSAGE = Integer.MAX_VALUE;

  private static final String ARCHIVE = ".zip";

  private OnnxWriter() {}

  /**
   * Writes a file, whole or not at all. A model of over 2 GiB gets a second file, named after the
   * first and its content, with the weights. A file whose name ends in {@code .zip} becomes an
   * archive with the model in it, which can be read like the model itself.
   *
   * @throws dev.tinytitan.UnsupportedModelException if the opset asked for is newer than all that
   *     are known, or the graph has operators that never stand in files
   * @throws dev.tinytitan.BadDataException if the file cannot be written, say because the disk is
   *     full; an old file is unchanged then
   */
  public static WrittenModel write(Graph graph, ModelInfo info, Path file) {
    return write(graph, info, file, MAX_MESSAGE);
  }

  /** As {@link #write}, with external data for models of more than some bytes. */
  static WrittenModel write(Graph graph, ModelInfo info, Path file, long maxMessage) {
    ModelExport.Result export = ModelExport.export(graph, info);
    ProtoWriter message = new ModelEncoder(null).model(export.model());
    long bytes = message.size();
    String name = String.valueOf(file.getFileName());
    if (name.toLowerCase(Locale.ROOT).endsWith(ARCHIVE)) {
      String inner = name.substring(0, name.length() - ARCHIVE.length());
      String entry = inner.endsWith(".onnx") ? inner : inner + ".onnx";
      ProtoWriter model = message;
      AtomicFile.write(file, out -> ZippedModel.write(model, entry, out, maxMessage));
      return result(export, bytes);
    }
    if (bytes > maxMessage) {
      ExternalData unnamed = new ExternalData("");
      new ModelEncoder(unnamed).model(export.model());
      // Named after its content: an old model file keeps its own weights until it is replaced.
      ExternalData external =
          new ExternalData(file.getFileName() + "." + checksum(unnamed) + ".data");
      message = new ModelEncoder(external).model(export.model());
      bytes = message.size() + external.size();
      AtomicFile.write(file.resolveSibling(external.location()), external::writeTo);
    }
    AtomicFile.write(file, message::writeTo);
    return result(export, bytes);
  }

  private static String checksum(ExternalData external) {
    try (CheckedOutputStream sum =
        new CheckedOutputStream(OutputStream.nullOutputStream(), new CRC32())) {
      external.writeTo(sum);
      return String.format("%08x", sum.getChecksum().getValue());
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  /**
   * Writes to a stream, which stays open.
   *
   * @throws dev.tinytitan.UnsupportedModelException if the opset asked for is newer than all that
   *     are known, or the graph has operators that never stand in files
   * @throws OverBudgetException if the model takes over 2 GiB, which need a second file
   * @throws IOException if the stream does
   */
  public static WrittenModel write(Graph graph, ModelInfo info, OutputStream out)
      throws IOException {
    ModelExport.Result export = ModelExport.export(graph, info);
    ProtoWriter message = new ModelEncoder(null).model(export.model());
    if (message.size() > MAX_MESSAGE) {
      throw new OverBudgetException(
          "The model takes "
              + message.size()
              + " bytes, over the 2 GiB of one ONNX file; save it to"
              + " a file, which puts its weights beside it.");
    }
    message.writeTo(out);
    return result(export, message.size());
  }

  /**
   * Writes a zip archive (Deflate) with the model as {@code model.onnx} to a stream, which stays
   * open.
   *
   * @throws dev.tinytitan.UnsupportedModelException if the opset asked for is newer than all that
   *     are known, or the graph has operators that never stand in files
   * @throws OverBudgetException if the model takes over 2 GiB
   * @throws IOException if the stream does
   */
  public static WrittenModel writeArchive(Graph graph, ModelInfo info, OutputStream out)
      throws IOException {
    ModelExport.Result export = ModelExport.export(graph, info);
    ProtoWriter message = new ModelEncoder(null).model(export.model());
    ZippedModel.write(message, "model.onnx", out, MAX_MESSAGE);
    return result(export, message.size());
  }

  /**
   * The bytes of a file.
   *
   * @throws dev.tinytitan.UnsupportedModelException if the opset asked for is newer than all that
   *     are known, or the graph has operators that never stand in files
   * @throws OverBudgetException if the model takes over 2 GiB
   */
  public static byte[] toBytes(Graph graph, ModelInfo info) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      write(graph, info, out);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.toByteArray();
  }

  private static WrittenModel result(ModelExport.Result export, long bytes) {
    return new WrittenModel(ModelImport.opset(export.model().opsets()), export.reasons(), bytes);
  }
}
