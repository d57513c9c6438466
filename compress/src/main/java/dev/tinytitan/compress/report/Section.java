package dev.tinytitan.compress.report;

import java.util.List;

/** A part of a {@link Report}: a heading, a sentence or two on how to read it, and its content. */
public sealed interface Section {

  /** The heading. */
  String heading();

  /** How to read the content; may be empty. */
  String intro();

  /** What role a bar or a column plays, which decides its colour. */
  enum Role {
    /** The model as it was given. */
    BEFORE,
    /** The compressed model. */
    AFTER,
    /** Another engine, for comparison. */
    PEER,
    /** Something to look at: a layer that hurts, a value below a limit. */
    WARNING,
    /** One of many that are shown for comparison. */
    OTHER
  }

  /**
   * A horizontal bar.
   *
   * @param label in front of it
   * @param value its length; not negative
   * @param text the value with its unit, as shown
   * @param role decides the colour
   */
  record Bar(String label, double value, String text, Role role) {}

  /** Horizontal bars from 0 on one scale. */
  record Bars(String heading, String intro, List<Bar> bars) implements Section {
    /** Copies the list. */
    public Bars {
      bars = List.copyOf(bars);
    }
  }

  /**
   * A column of a {@link Columns} plot.
   *
   * @param height from 0 to 1
   * @param tip shown when it is pointed at, such as the name and the value
   * @param role decides the colour
   */
  record Column(double height, String tip, Role role) {}

  /**
   * Columns side by side: a histogram, or a figure for each layer.
   *
   * @param top what a column of full height stands for
   * @param left what stands below the first column
   * @param right what stands below the last column
   */
  record Columns(
      String heading, String intro, List<Column> columns, String top, String left, String right)
      implements Section {
    /** Copies the list. */
    public Columns {
      columns = List.copyOf(columns);
    }
  }

  /**
   * A point of a {@link Scatter} plot.
   *
   * @param x from 0 to 1, left to right
   * @param y from 0 to 1, bottom to top
   * @param label beside it; empty for none
   * @param tip shown when it is pointed at
   * @param role decides the colour
   */
  record Point(double x, double y, String label, String tip, Role role) {}

  /**
   * Points on two axes.
   *
   * @param limit a line across, at this height from 0 to 1; below 0 for none
   * @param limitLabel what the line stands for
   * @param top what stands at the upper end of the vertical axis
   * @param bottom what stands at its lower end
   * @param left what stands at the left end of the horizontal axis
   * @param right what stands at its right end
   */
  record Scatter(
      String heading,
      String intro,
      List<Point> points,
      double limit,
      String limitLabel,
      String top,
      String bottom,
      String left,
      String right)
      implements Section {
    /** Copies the list. */
    public Scatter {
      points = List.copyOf(points);
    }
  }

  /**
   * A picture with what is said about it.
   *
   * @param image shown as it is, enlarged
   * @param lines below it, the first one stressed
   * @param role decides the colour of the first line
   */
  record Picture(Thumbnail image, List<String> lines, Role role) {
    /** Copies the list. */
    public Picture {
      lines = List.copyOf(lines);
    }
  }

  /** Pictures side by side. */
  record Pictures(String heading, String intro, List<Picture> pictures) implements Section {
    /** Copies the list. */
    public Pictures {
      pictures = List.copyOf(pictures);
    }
  }

  /**
   * A table.
   *
   * @param heads of the columns; one that ends in {@code >} is of a column of numbers
   * @param rows as many cells each as there are heads
   */
  record Table(String heading, String intro, List<String> heads, List<List<String>> rows)
      implements Section {
    /** Copies the lists, and checks that the rows fit. */
    public Table {
      heads = List.copyOf(heads);
      rows = rows.stream().map(List::copyOf).toList();
      for (List<String> row : rows) {
        if (row.size() != heads.size()) {
          throw new IllegalArgumentException(
              row.size() + " cells for " + heads.size() + " columns");
        }
      }
    }
  }

  /**
   * A text found for a query.
   *
   * @param similarity its cosine to the query
   */
  record Hit(String text, double similarity) {}

  /** What a model finds nearest to a query before and after, the nearest first. */
  record Search(String query, List<Hit> before, List<Hit> after) {
    /** Copies the lists. */
    public Search {
      before = List.copyOf(before);
      after = List.copyOf(after);
    }
  }

  /** Queries with what is found for them before and after. */
  record Searches(String heading, String intro, List<Search> searches) implements Section {
    /** Copies the list. */
    public Searches {
      searches = List.copyOf(searches);
    }
  }

  /** Source code or commands to copy. */
  record Code(String heading, String intro, String code) implements Section {}

  /**
   * A line of a {@link Curves} plot.
   *
   * @param name what it shows
   * @param values at 1, 2, 3… from the left; those that are not finite are left out
   * @param role decides the colour
   */
  record Curve(String name, List<Double> values, Role role) {
    /** Copies the list. */
    public Curve {
      values = List.copyOf(values);
    }
  }

  /**
   * Lines over steps of equal width, all on one scale that goes from their least to their greatest
   * value.
   *
   * @param step what the steps are, such as {@code epoch}
   * @param format of values, for {@link String#format}
   */
  record Curves(String heading, String intro, List<Curve> curves, String step, String format)
      implements Section {
    /** Copies the list. */
    public Curves {
      curves = List.copyOf(curves);
    }
  }
}
