package dev.tinytitan.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Files among the test resources. */
final class TestFiles {
  private TestFiles() {}

  /** Copies a resource of this package into a folder. */
  static Path copy(String resource, Path folder) throws IOException {
    Path file = folder.resolve(resource);
    Files.write(file, bytes(resource));
    return file;
  }

  /** The bytes of a resource of this package. */
  static byte[] bytes(String resource) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(TestFiles.class.getResourceAsStream(resource), resource)) {
      return in.readAllBytes();
    }
  }
}
