package dev.tinytitan.onnx;

import dev.tinytitan.BadDataException;
import dev.tinytitan.MalformedModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files beside a model that hold its external data. Only files in the model's folder or beneath
 * are opened: a model is hostile input and must not read what its user did not mean to give it.
 */
final class ExternalFiles {
  private final @Nullable Path folder;
  private final Map<String, ByteSource> open = new HashMap<>();

  /**
   * @param folder the model's folder; null if the model is not a file, and has no external data
   */
  ExternalFiles(@Nullable Path folder) {
    this.folder = folder;
  }

  /**
   * The bytes of a file in the folder, opened once.
   *
   * @param location relative to the folder
   * @param what for messages, such as {@code the external data of tensor 'w'}
   * @throws MalformedModelException if the location leads out of the folder
   * @throws BadDataException if the file is missing or cannot be read
   */
  ByteSource open(String location, String what) {
    ByteSource source = open.get(location);
    if (source == null) {
      source = read(location, what);
      open.put(location, source);
    }
    return source;
  }

  private ByteSource read(String location, String what) {
    if (folder == null) {
      throw new MalformedModelException(
          "The model keeps "
              + what
              + " in the file '"
              + location
              + "', which is not at hand for a model given as bytes; load it from its file instead.");
    }
    try {
      Path file = resolve(folder, location, what);
      if (!Files.isRegularFile(file)) {
        throw new BadDataException(
            "The file '"
                + location
                + "' with "
                + what
                + " is missing; it belongs beside the model, in "
                + folder
                + ".");
      }
      // Links are followed before the check: none may lead out.
      if (!file.toRealPath().startsWith(folder.toRealPath())) {
        throw outside(location, what);
      }
      return ByteSource.open(file);
    } catch (IOException error) {
      throw new BadDataException(
          "The file '" + location + "' with " + what + " cannot be read: " + error + ".", error);
    }
  }

  private static Path resolve(Path folder, String location, String what) {
    try {
      Path relative = Path.of(location.replace('\\', '/'));
      boolean climbs = false;
      for (Path part : relative) {
        climbs |= part.toString().equals("..");
      }
      if (location.isEmpty() || relative.isAbsolute() || relative.getRoot() != null || climbs) {
        throw outside(location, what);
      }
      return folder.resolve(relative);
    } catch (InvalidPathException error) {
      throw outside(location, what);
    }
  }

  private static MalformedModelException outside(String location, String what) {
    return new MalformedModelException(
        "The location '" + location + "' of " + what + " is not a file within the model's folder.");
  }
}
