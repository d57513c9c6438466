package dev.tinytitan.cli;

/** A command that cannot do what was asked, for a reason that the user can mend. */
public final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A failure with one sentence that says what, where, and what to do. */
  public CommandFailure(String message) {
    super(message);
  }
}
