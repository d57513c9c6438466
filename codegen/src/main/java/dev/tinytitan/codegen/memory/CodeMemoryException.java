package dev.tinytitan.codegen.memory;

/**
 * The operating system gives no executable memory. The message is the reason and the remedy.
 * Engines catch it and leave the work to the next engine; users never see it.
 */
public final class CodeMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CodeMemoryException(String message) {
    super(message);
  }
}
