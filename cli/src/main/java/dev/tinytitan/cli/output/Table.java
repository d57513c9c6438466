package dev.tinytitan.cli.output;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A table whose columns line up: text to the left, numbers to the right. */
public final class Table {
  private final List<String> header;
  private final boolean[] right;
  private final List<List<String>> rows = new ArrayList<>();

  /** A table with these column heads; a head that ends in {@code >} is of a column of numbers. */
  public Table(String... heads) {
    this.right = new boolean[heads.length];
    List<String> names = new ArrayList<>();
    for (int i = 0; i < heads.length; i++) {
      right[i] = heads[i].endsWith(">");
      names.add(right[i] ? heads[i].substring(0, heads[i].length() - 1) : heads[i]);
    }
    this.header = List.copyOf(names);
  }

  /** Adds a row of as many cells as there are columns. */
  public Table row(Object... cells) {
    if (cells.length != header.size()) {
      throw new IllegalArgumentException(cells.length + " cells for " + header.size() + " columns");
    }
    rows.add(Arrays.stream(cells).map(String::valueOf).toList());
    return this;
  }

  /** Prints head, a rule and all rows. */
  public void print(PrintWriter out) {
    int[] widths = new int[header.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = width(header.get(i));
      for (List<String> row : rows) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    printRow(out, header, widths);
    out.println(String.join("  ", Arrays.stream(widths).mapToObj("─"::repeat).toList()));
    rows.forEach(row -> printRow(out, row, widths));
  }

  private void printRow(PrintWriter out, List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String padding = " ".repeat(widths[i] - width(cells.get(i)));
      line.append(i == 0 ? "" : "  ")
          .append(right[i] ? padding + cells.get(i) : cells.get(i) + padding);
    }
    out.println(line.toString().stripTrailing());
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
