package dev.tinytitan.edge.energy;

import dev.tinytitan.BadDataException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How often a device runs its model, in inferences a second, on the mean. */
public final class DutyCycle {
  private static final Pattern RATE =
      Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*(?:/\\s*([smhd])|(%))");

  private DutyCycle() {}

  /**
   * Reads a rate.
   *
   * @param text {@code 10/s}, {@code 1/min} is {@code 1/m}, {@code 100/h}, {@code 24/d}; or {@code
   *     5%}: the share of time in which the model runs
   * @param secondsPerRun of one inference
   * @throws BadDataException if it is neither, or more than the device can run
   */
  public static double perSecond(String text, double secondsPerRun) {
    Matcher matcher = RATE.matcher(text.strip());
    if (!matcher.matches()) {
      throw new BadDataException(
          "'"
              + text
              + "' is no duty cycle: give inferences a second, minute, hour or day as 10/s, 1/m,"
              + " 100/h or 24/d, or the share of time in which the model runs as 5%.");
    }
    double number = Double.parseDouble(matcher.group(1));
    double rate =
        matcher.group(3) != null
            ? number / 100 / secondsPerRun
            : number
                / switch (matcher.group(2)) {
                  case "s" -> 1;
                  case "m" -> 60;
                  case "h" -> 3600;
                  default -> 86400;
                };
    if (rate * secondsPerRun > 1 + 1e-9) {
      throw new BadDataException(
          "'"
              + text
              + "' is more than one device can run: an inference takes "
              + secondsPerRun
              + " s.");
    }
    return rate;
  }
}
