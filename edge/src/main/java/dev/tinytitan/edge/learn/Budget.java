package dev.tinytitan.edge.learn;

import dev.tinytitan.BadDataException;
import java.util.Locale;

/**
 * What learning may take, beyond inference.
 *
 * @param bytes of training memory: activations that are kept, gradients, learned values in floats,
 *     the optimizer's state, copies of frozen weights
 * @param stepMillis the longest that a step may take on one thread; infinite for no limit
 */
public record Budget(long bytes, double stepMillis) {

  public Budget {
    if (bytes < 1 || !(stepMillis > 0)) {
      throw new IllegalArgumentException(
          "a budget of " + bytes + " bytes and " + stepMillis + " ms");
    }
  }

  /** So many bytes, and any time. */
  public static Budget ofBytes(long bytes) {
    return new Budget(bytes, Double.POSITIVE_INFINITY);
  }

  /**
   * Bytes as people write them: {@code 256KB}, {@code 64kB}, {@code 1.5 MB}, {@code 4096}. A kB is
   * 1000 bytes, a KiB 1024.
   *
   * @throws BadDataException if it is no number of bytes
   */
  public static long bytes(String text) {
    String trimmed = text.strip().toUpperCase(Locale.ROOT);
    int end = 0;
    while (end < trimmed.length()
        && (Character.isDigit(trimmed.charAt(end)) || trimmed.charAt(end) == '.')) {
      end++;
    }
    double factor =
        switch (trimmed.substring(end).strip()) {
          case "", "B" -> 1;
          case "K", "KB" -> 1e3;
          case "KIB" -> 1 << 10;
          case "M", "MB" -> 1e6;
          case "MIB" -> 1 << 20;
          case "G", "GB" -> 1e9;
          case "GIB" -> 1 << 30;
          default -> Double.NaN;
        };
    try {
      double bytes = Double.parseDouble(trimmed.substring(0, end)) * factor;
      if (bytes >= 1 && bytes < 1e15) {
        return (long) bytes;
      }
    } catch (NumberFormatException error) {
      throw new BadDataException(
          "'" + text + "' is no number of bytes; write 256KB or 1.5MB.", error);
    }
    throw new BadDataException("'" + text + "' is no number of bytes; write 256KB or 1.5MB.");
  }
}
