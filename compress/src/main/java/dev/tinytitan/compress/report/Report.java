package dev.tinytitan.compress.report;

import dev.tinytitan.io.AtomicFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * What is to be told about a compressed model, from the first sentence to the last table.
 * Immutable.
 *
 * @param title of the page
 * @param lead what was done and what came of it, in words, a paragraph each
 * @param tiles the few figures to see first
 * @param sections the rest, in order
 * @param footer where the figures come from, such as the machine, the versions and the time
 */
public record Report(
    String title, List<String> lead, List<Tile> tiles, List<Section> sections, String footer) {

  /** Copies the lists. */
  public Report {
    lead = List.copyOf(lead);
    tiles = List.copyOf(tiles);
    sections = List.copyOf(sections);
  }

  /**
   * A figure to see first.
   *
   * @param label what it is, such as {@code size}
   * @param value with its unit, such as {@code 22.9 MB}
   * @param note beside it, such as {@code of 90.4 MB}
   */
  public record Tile(String label, String value, String note) {}

  /**
   * The report as one HTML page: plots included, light and dark, without scripts and without
   * anything from elsewhere. All texts are escaped.
   */
  public String toHtml() {
    return HtmlPage.render(this);
  }

  /**
   * Writes {@link #toHtml()} to a file, whole or not at all.
   *
   * @throws dev.tinytitan.BadDataException if the file cannot be written
   */
  public void save(Path file) {
    AtomicFile.write(file, out -> out.write(toHtml().getBytes(StandardCharsets.UTF_8)));
  }
}
