package dev.tinytitan.cli.output;

import java.util.Locale;

/** Numbers with units, as people read them. */
public final class Units {
  private Units() {}

  /** Bytes with a decimal unit: {@code 91.2 MB}. */
  public static String bytes(long bytes) {
    return scaled(bytes, "B", "kB", "MB", "GB", "TB");
  }

  /** A count with a decimal suffix: {@code 2.66 M}. */
  public static String count(long count) {
    return scaled(count, "", "k", "M", "G", "T").strip();
  }

  private static String scaled(long amount, String... units) {
    double value = amount;
    int unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    String digits =
        unit == 0
            ? Long.toString(amount)
            : String.format(
                Locale.ROOT, value < 9.995 ? "%.2f" : value < 99.95 ? "%.1f" : "%.0f", value);
    return digits + " " + units[unit];
  }

  /** A time in nanoseconds with a fitting unit: {@code 43.1 µs}. */
  public static String nanos(double nanos) {
    if (nanos < 1e3) {
      return String.format(Locale.ROOT, "%.0f ns", nanos);
    }
    if (nanos < 1e6) {
      return String.format(Locale.ROOT, nanos < 1e5 ? "%.1f µs" : "%.0f µs", nanos / 1e3);
    }
    if (nanos < 1e9) {
      return String.format(Locale.ROOT, nanos < 1e8 ? "%.2f ms" : "%.0f ms", nanos / 1e6);
    }
    return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
  }

  /** An energy in joules with a fitting unit: {@code 3.1 mJ}. */
  public static String joules(double joules) {
    String[] units = {"nJ", "µJ", "mJ", "J"};
    int unit = 0;
    double value = joules * 1e9;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, value < 9.95 ? "%.1f" : "%.0f", value) + " " + units[unit];
  }
}
