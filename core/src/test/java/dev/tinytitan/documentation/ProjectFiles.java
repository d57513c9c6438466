package dev.tinytitan.documentation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files of the project, whatever folder the tests start in. */
final class ProjectFiles {
  private ProjectFiles() {}

  /** A file or folder of the project, by its path from the root. */
  static Path path(String name) {
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve("docs/architecture.md"))) {
        return folder.resolve(name);
      }
    }
    throw new AssertionError("The tests must be started in the project's folder or below it.");
  }

  /** The text of a file of the project. */
  static String read(String name) throws IOException {
    return Files.readString(path(name));
  }
}
