package dev.tinytitan.edge.energy;

import dev.tinytitan.BadDataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How much carbon dioxide a country's electricity stands for.
 *
 * @param code of two letters (ISO 3166), or {@code EU} or {@code WORLD}
 * @param name in English
 * @param grams of CO₂ equivalent for a kilowatt-hour, the mean of a year, over the life cycle
 */
public record GridIntensity(String code, String name, double grams) {
  /** Where the table comes from, and of which year it is. */
  public static final String SOURCE = "Ember, Yearly Electricity Data, means of 2023";

  private static final Map<String, GridIntensity> TABLE = read();

  public GridIntensity {
    if (!(grams >= 0) || Double.isInfinite(grams)) {
      throw new IllegalArgumentException(grams + " grams for a kilowatt-hour");
    }
  }

  /** All that are known, by code. */
  public static List<GridIntensity> all() {
    return List.copyOf(TABLE.values());
  }

  /**
   * Looks one up.
   *
   * @param text a code or a name of the table, in any case, or a number: grams for a kilowatt-hour
   * @throws BadDataException if it is none of them
   */
  public static GridIntensity of(String text) {
    String wanted = text.strip();
    Optional<GridIntensity> found =
        TABLE.values().stream()
            .filter(each ->
                each.code().equalsIgnoreCase(wanted) || each.name().equalsIgnoreCase(wanted))
            .findFirst();
    if (found.isPresent()) {
      return found.get();
    }
    try {
      return new GridIntensity("", "as given", Double.parseDouble(wanted));
    } catch (IllegalArgumentException notNumber) {
      throw new BadDataException(
          "No carbon intensity is known for '"
              + text
              + "': give grams of CO2e for a kWh, or one of "
              + String.join(", ", TABLE.keySet())
              + ".",
          notNumber);
    }
  }

  private static Map<String, GridIntensity> read() {
    Map<String, GridIntensity> table = new TreeMap<>();
    try (InputStream in = GridIntensity.class.getResourceAsStream("grid-intensity.csv")) {
      if (in == null) {
        throw new IllegalStateException("The resource grid-intensity.csv is missing");
      }
      List<String> lines =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .skip(1)
              .toList();
      for (String line : lines) {
        String[] cells = line.split(",", -1);
        table.put(
            cells[0].toUpperCase(Locale.ROOT),
            new GridIntensity(cells[0], cells[1], Double.parseDouble(cells[2])));
      }
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
    return table;
  }
}
