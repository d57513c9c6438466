package dev.tinytitan;

/** A limit that cannot be held: memory, time, size or accuracy. */
public final class OverBudgetException extends TitanException {
  private static final long serialVersionUID = 1L;

  /** An error that names the limit, what was needed, and what would do. */
  public OverBudgetException(String message) {
    super(message);
  }
}
