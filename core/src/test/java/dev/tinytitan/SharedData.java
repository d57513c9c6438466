package dev.tinytitan;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * The folder of models, data sets and conformance cases that lies beside the project, {@code
 * ../shared}. Where it is absent, tests that need it are skipped and say so; in CI (environment
 * variable {@code CI}) its absence is a failure.
 */
public final class SharedData {
  private SharedData() {}

  /** A file or folder in it; ends the test if it is absent. */
  public static Path require(String name) {
    Optional<Path> found = find(name);
    if (found.isPresent()) {
      return found.get();
    }
    String message = "There is no ../shared/" + name + " beside the project.";
    if (System.getenv("CI") != null) {
      throw new AssertionError(message);
    }
    Assumptions.abort(message);
    throw new AssertionError(message);
  }

  /** A file or folder in it, for tests that can do without. */
  public static Optional<Path> find(String name) {
    for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      Path found = folder.resolveSibling("shared").resolve(name);
      if (Files.exists(found)) {
        return Optional.of(found);
      }
    }
    return Optional.empty();
  }
}
