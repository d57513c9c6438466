package dev.tinytitan;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Data that cannot be read or used: names the file, and the line, array or index. */
public final class BadDataException extends TitanException {
  private static final long serialVersionUID = 1L;

  /** An error that names file and place. */
  public BadDataException(String message) {
    super(message);
  }

  /** An error that names file and place, with what lay beneath. */
  public BadDataException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * The error for a file that the system does not let us read: it is missing, say.
   *
   * @param source the file's name
   */
  public static BadDataException unreadable(String source, IOException error) {
    String message =
        switch (error) {
          case NoSuchFileException missing -> "There is no file '" + source + "'.";
          case AccessDeniedException denied -> "The file '" + source + "' may not be accessed.";
          default ->
              "The file '"
                  + source
                  + "' cannot be read: "
                  + (error.getMessage() == null ? error : error.getMessage())
                  + ".";
        };
    return new BadDataException(message, error);
  }
}
