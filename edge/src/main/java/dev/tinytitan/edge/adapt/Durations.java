package dev.tinytitan.edge.adapt;

import dev.tinytitan.BadDataException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads times and shares as people write them. */
public final class Durations {
  private static final Pattern TIME = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(us|µs|ms|s)");
  private static final Pattern SHARE = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(%?)");

  private Durations() {}

  /**
   * A time in seconds.
   *
   * @param text such as {@code 20ms}, {@code 0.5s} or {@code 800us}
   * @throws BadDataException if it is none, or 0
   */
  public static double seconds(String text) {
    Matcher matcher = TIME.matcher(text.strip());
    if (matcher.matches()) {
      double number = Double.parseDouble(matcher.group(1));
      double seconds =
          switch (matcher.group(2)) {
            case "s" -> number;
            case "ms" -> number / 1e3;
            default -> number / 1e6;
          };
      if (seconds > 0) {
        return seconds;
      }
    }
    throw new BadDataException("'" + text + "' is no time: give one such as 20ms, 0.5s or 800us.");
  }

  /**
   * A share above 0 and below 1.
   *
   * @param text such as {@code 99%} or {@code 0.99}
   * @throws BadDataException if it is none
   */
  public static double share(String text) {
    Matcher matcher = SHARE.matcher(text.strip());
    if (matcher.matches()) {
      double number = Double.parseDouble(matcher.group(1));
      double share = matcher.group(2).isEmpty() ? number : number / 100;
      if (share > 0 && share < 1) {
        return share;
      }
    }
    throw new BadDataException(
        "'" + text + "' is no share: give one above 0 and below 1, such as 99% or 0.99.");
  }
}
