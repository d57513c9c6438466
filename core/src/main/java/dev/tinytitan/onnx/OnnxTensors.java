package dev.tinytitan.onnx;

import dev.tinytitan.BadDataException;
import dev.tinytitan.MalformedModelException;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;

/**
 * Reads files that hold one tensor ({@code TensorProto}), such as {@code input_0.pb} of ONNX's
 * conformance suite.
 */
public final class OnnxTensors {
  private OnnxTensors() {}

  /**
   * Reads a tensor.
   *
   * @throws BadDataException if the file is missing, cannot be read, or holds no tensor but a
   *     sequence, an optional or something else
   */
  public static Tensor read(Path file) {
    ByteSource source = OnnxReader.open(file, "tensor");
    try {
      return decode(source, file);
    } catch (MalformedModelException error) {
      throw new BadDataException(
          "'"
              + file
              + "' holds no tensor (perhaps a sequence or an optional, or it is damaged): "
              + error.getMessage(),
          error);
    }
  }

  /**
   * Whether a file holds a tensor, and not a sequence, an optional or something else; such files do
   * not say what they are, so this is told from their form.
   *
   * @throws BadDataException if the file is missing or cannot be read
   */
  public static boolean isTensor(Path file) {
    try {
      decode(OnnxReader.open(file, "tensor"), file);
      return true;
    } catch (MalformedModelException error) {
      return false;
    }
  }

  private static Tensor decode(ByteSource source, Path file) {
    return new TensorDecoder(new ExternalFiles(file.toAbsolutePath().getParent()))
        .decode(ProtoReader.of(source))
        .tensor();
  }
}
