package dev.tinytitan;

/**
 * A model file whose bytes or structure break the ONNX format: truncated, inconsistent, hostile.
 */
public final class MalformedModelException extends TitanException {
  private static final long serialVersionUID = 1L;

  private final long byteOffset;

  /** An error in the structure of a model, with no single place in the file. */
  public MalformedModelException(String message) {
    super(message);
    this.byteOffset = -1;
  }

  /**
   * An error at one place of the file.
   *
   * @param byteOffset bytes from the start of the file
   */
  public MalformedModelException(String message, long byteOffset) {
    super(message + " (at byte " + byteOffset + ")");
    this.byteOffset = byteOffset;
  }

  private MalformedModelException(String message, MalformedModelException cause) {
    super(message, cause);
    this.byteOffset = cause.byteOffset;
  }

  /** The same error with its place put before the message, such as a file's or a node's name. */
  public MalformedModelException in(String place) {
    return new MalformedModelException(place + ": " + getMessage(), this);
  }

  /** Bytes from the start of the file to the error, or -1 if it has no single place. */
  public long byteOffset() {
    return byteOffset;
  }
}
