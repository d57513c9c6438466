package dev.tinytitan;

/**
 * The one family of errors that TinyTitan throws for bad input: models, data, shapes and budgets.
 *
 * <p>A message is one clear sentence that says what is wrong, where, and what to do. Programming
 * errors (a null argument, an index out of range) are ordinary {@link IllegalArgumentException}s
 * and {@link NullPointerException}s.
 */
public abstract sealed class TitanException extends RuntimeException
    permits MalformedModelException,
        UnsupportedModelException,
        ShapeMismatchException,
        OverBudgetException,
        BadDataException {
  private static final long serialVersionUID = 1L;

  TitanException(String message) {
    super(message);
  }

  TitanException(String message, Throwable cause) {
    super(message, cause);
  }
}
