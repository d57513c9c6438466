package dev.tinytitan;

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
}
