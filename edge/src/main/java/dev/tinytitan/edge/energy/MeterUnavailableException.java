package dev.tinytitan.edge.energy;

/** A meter that is not here; the message says why, and what to do about it if anything can be. */
public final class MeterUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  /** One or two sentences. */
  public MeterUnavailableException(String message) {
    super(message);
  }
}
