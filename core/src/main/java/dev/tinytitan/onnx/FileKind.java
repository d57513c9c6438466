package dev.tinytitan.onnx;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.TitanException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** Says what a file is that is no ONNX model, so that a message can say what to do. */
final class FileKind {
  private static final int SEEN = 512;

  private FileKind() {}

  /**
   * The error to give for a file that could not be read as a model: what it is instead, if that can
   * be told, or else the error at hand.
   *
   * @param name the file's name, to begin a sentence with
   */
  static MalformedModelException explain(
      ByteSource source, String name, MalformedModelException error) {
    return guess(source)
        .map(guess -> new MalformedModelException(name + " " + guess))
        .orElseGet(() -> error.in(name));
  }

  private static Optional<String> guess(ByteSource source) {
    if (source.size() == 0) {
      return Optional.of("is empty; was it written or downloaded to the end?");
    }
    ByteBuffer head = source.slice(0, Math.min(SEEN, source.size()));
    String text = StandardCharsets.ISO_8859_1.decode(head).toString();
    String start = text.replace("\u00EF\u00BB\u00BF", "").strip().toLowerCase(Locale.ROOT);
    if (start.startsWith("<!doctype html")
        || start.startsWith("<html")
        || start.startsWith("<head")) {
      return Optional.of("looks like a web page, not a model; did the download fail?");
    }
    if (start.startsWith("<?xml")) {
      return Optional.of("is an XML file, not a model; did the download fail?");
    }
    if (start.startsWith("version https://git-lfs")) {
      return Optional.of(
          "is a Git LFS pointer, not the model itself; fetch the model with 'git lfs pull'.");
    }
    if (start.startsWith("{")) {
      return Optional.of("looks like JSON, not a model.");
    }
    if (text.startsWith("PK\u0003\u0004")) {
      return Optional.of("is a zip archive (such as a PyTorch file), not an ONNX model.");
    }
    if (text.startsWith("\u001F\u008B")) {
      return Optional.of("is compressed with gzip; unpack it first.");
    }
    if (text.startsWith("TFL3", 4)) {
      return Optional.of("is a TensorFlow Lite model; convert it to ONNX first.");
    }
    if (text.startsWith("\u0089HDF")) {
      return Optional.of("is an HDF5 file (such as a Keras model); convert it to ONNX first.");
    }
    if (text.chars().allMatch(FileKind::isPrinted)) {
      return Optional.of("is a text file, not an ONNX model.");
    }
    return isTensor(source)
        ? Optional.of("is a single tensor (TensorProto), not a model.")
        : Optional.empty();
  }

  /** True for ASCII's letters, digits and signs, and for what separates them. */
  private static boolean isPrinted(int letter) {
    return (letter >= ' ' && letter < 0x7F) || letter == '\n' || letter == '\r' || letter == '\t';
  }

  private static boolean isTensor(ByteSource source) {
    try {
      new TensorDecoder(new ExternalFiles(null)).decode(ProtoReader.of(source));
      return true;
    } catch (TitanException error) {
      return false;
    }
  }
}
