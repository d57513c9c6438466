package dev.tinytitan.onnx;

import dev.tinytitan.BadDataException;
import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.onnx.OnnxProto.ModelProto;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads ONNX files: opsets 7 to 25, normalized to the newest form of each operator.
 *
 * <p>Files from 1 MiB on are mapped, and their weights stay in the file: they must not be changed
 * while the model is in use (replacing them by a move, as TinyTitan does, is safe). External data
 * is read from the model's folder only. A file is taken for hostile: sizes are checked before
 * allocation, nesting is bounded. A zip archive with one ONNX file in it is read as that file.
 */
public final class OnnxReader {
  private OnnxReader() {}

  /**
   * Reads a file.
   *
   * @throws MalformedModelException if it is no ONNX model, or a damaged one
   * @throws dev.tinytitan.UnsupportedModelException if it asks for what is not supported; lists all
   * @throws dev.tinytitan.ShapeMismatchException if its operators do not fit together
   * @throws BadDataException if the file, or one with external data, is missing or cannot be read
   */
  public static OnnxModel read(Path file) {
    ByteSource source = open(file, "model");
    if (ZippedModel.isZip(source)) {
      try {
        return read(ZippedModel.unpack(Files.newInputStream(file), source.size(), file.toString()));
      } catch (IOException error) {
        throw new BadDataException(
            "The model file '" + file + "' cannot be read: " + error + ".", error);
      }
    }
    Path folder = file.toAbsolutePath().getParent();
    try {
      return read(source, new ExternalFiles(folder));
    } catch (MalformedModelException error) {
      throw FileKind.explain(source, file.toString(), error);
    }
  }

  /**
   * Reads a model from the bytes of a file; they are copied where they are kept. There is no
   * external data.
   *
   * @throws MalformedModelException if it is no ONNX model, or a damaged one
   * @throws dev.tinytitan.UnsupportedModelException if it asks for what is not supported; lists all
   * @throws dev.tinytitan.ShapeMismatchException if its operators do not fit together
   */
  public static OnnxModel read(byte[] bytes) {
    ByteSource source = ByteSource.of(bytes);
    if (ZippedModel.isZip(source)) {
      source =
          ByteSource.of(
              ZippedModel.unpack(new ByteArrayInputStream(bytes), bytes.length, "The model"));
    }
    try {
      return read(source, new ExternalFiles(null));
    } catch (MalformedModelException error) {
      throw FileKind.explain(source, "The model", error);
    }
  }

  /**
   * Opens a regular file.
   *
   * @param what what is expected in it, for messages
   */
  static ByteSource open(Path file, String what) {
    try {
      if (Files.isDirectory(file)) {
        throw new BadDataException("'" + file + "' is a folder, not a " + what + " file.");
      }
      if (!Files.exists(file)) {
        throw new BadDataException("There is no " + what + " file '" + file + "'.");
      }
      if (!Files.isRegularFile(file)) {
        throw new BadDataException("'" + file + "' is no regular file.");
      }
      return ByteSource.open(file);
    } catch (IOException error) {
      throw new BadDataException(
          "The " + what + " file '" + file + "' cannot be read: " + error + ".", error);
    }
  }

  private static OnnxModel read(ByteSource source, ExternalFiles files) {
    ModelProto model = new ModelDecoder(files).model(ProtoReader.of(source));
    return new OnnxModel(ModelImport.graph(model), info(model));
  }

  private static ModelInfo info(ModelProto model) {
    Map<String, Integer> others = new LinkedHashMap<>(model.opsets());
    others.remove("");
    return new ModelInfo(
        model.irVersion(),
        ModelImport.opset(model.opsets()),
        others,
        model.producerName(),
        model.producerVersion(),
        model.domain(),
        model.modelVersion(),
        model.doc(),
        model.properties());
  }
}
