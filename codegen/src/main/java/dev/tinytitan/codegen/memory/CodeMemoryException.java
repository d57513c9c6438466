package dev.tinytitan.codegen.memory;

import dev.tinytitan.kernel.KernelUnavailableException;

/**
 * The operating system gives no executable memory. The message is the reason and the remedy. The
 * work goes to the next engine; users never see this exception.
 */
public final class CodeMemoryException extends KernelUnavailableException {
  private static final long serialVersionUID = 1;

  /** With the reason and the remedy. */
  public CodeMemoryException(String message) {
    super(message);
  }
}
