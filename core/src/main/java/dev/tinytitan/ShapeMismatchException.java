package dev.tinytitan;

/** A tensor whose name, dtype, rank or size is not what a model or an operator takes. */
public final class ShapeMismatchException extends TitanException {
  private static final long serialVersionUID = 1L;

  /** An error that names what was expected, what was given, and where. */
  public ShapeMismatchException(String message) {
    super(message);
  }
}
