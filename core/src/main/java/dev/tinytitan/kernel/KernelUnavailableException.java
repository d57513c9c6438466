package dev.tinytitan.kernel;

/**
 * A kernel that was not refused cannot be made all the same: something outside says no that only
 * shows when it is asked, such as an operating system that gives no more executable memory. The
 * planner logs the message and takes the next candidate; users never see this exception.
 */
public class KernelUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * With a message for the log.
   *
   * @param message the reason and the remedy, in one sentence
   */
  public KernelUnavailableException(String message) {
    super(message);
  }
}
