package dev.tinytitan.compress.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * Renders a {@link Report}. Plots are boxes sized in per cent, or drawings that stretch, with their
 * letters outside: these stay readable on a narrow screen. Colours come from the style sheet, light
 * or dark.
 */
final class HtmlPage {
  /** Labels of points beyond this share of the width stand on their left, or they would run out. */
  private static final double RIGHT_HALF = 0.5;

  private final StringBuilder html = new StringBuilder(1 << 15);

  private HtmlPage() {}

  static String render(Report report) {
    HtmlPage page = new HtmlPage();
    page.page(report);
    return page.html.toString();
  }

  /** Text that cannot be mistaken for markup, in elements and in quoted attributes. */
  static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '&' -> escaped.append("&amp;");
            case '<' -> escaped.append("&lt;");
            case '>' -> escaped.append("&gt;");
            case '"' -> escaped.append("&quot;");
            case '\'' -> escaped.append("&#39;");
            default -> {
              // Control characters and lone surrogates are not allowed in HTML.
              boolean legal =
                  c == '\n' || c == '\t' || !(Character.isISOControl(c) || isSurrogate(c));
              escaped.appendCodePoint(legal ? c : 0xFFFD);
            }
          }
        });
    return escaped.toString();
  }

  private static boolean isSurrogate(int c) {
    return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
  }

  private void page(Report report) {
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<meta name=\"color-scheme\" content=\"light dark\">\n")
        .append("<meta http-equiv=\"Content-Security-Policy\"")
        .append(" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n");
    element("title", "", report.title());
    html.append("<style>\n").append(styleSheet()).append("</style>\n</head>\n<body>\n<main>\n");
    html.append("<header>\n");
    element("h1", "", report.title());
    report.lead().forEach(paragraph -> element("p", "lead", paragraph));
    html.append("</header>\n");
    tiles(report.tiles());
    report.sections().forEach(this::section);
    html.append("<footer>");
    element("p", "", report.footer());
    html.append("</footer>\n</main>\n</body>\n</html>\n");
  }

  private static String styleSheet() {
    try (InputStream in = HtmlPage.class.getResourceAsStream("report.css")) {
      if (in == null) {
        throw new IllegalStateException("The resource report.css is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private void tiles(List<Report.Tile> tiles) {
    html.append("<div class=\"tiles\">\n");
    for (Report.Tile tile : tiles) {
      html.append("<div class=\"tile\">");
      element("span", "label", tile.label());
      element("span", "value", tile.value());
      element("span", "note", tile.note());
      html.append("</div>\n");
    }
    html.append("</div>\n");
  }

  private void section(Section section) {
    html.append("<section>\n");
    element("h2", "", section.heading());
    if (!section.intro().isEmpty()) {
      element("p", "", section.intro());
    }
    switch (section) {
      case Section.Bars bars -> bars(bars.bars());
      case Section.Columns columns -> columns(columns);
      case Section.Scatter scatter -> scatter(scatter);
      case Section.Pictures pictures -> pictures(pictures.pictures());
      case Section.Table table -> table(table);
      case Section.Searches searches -> searches.searches().forEach(this::search);
      case Section.Code code -> {
        html.append("<pre><code>").append(escape(code.code())).append("</code></pre>\n");
      }
      case Section.Curves curves -> html.append(CurvePlot.render(curves));
    }
    html.append("</section>\n");
  }

  private void bars(List<Section.Bar> bars) {
    double longest = bars.stream().mapToDouble(Section.Bar::value).max().orElse(1);
    html.append("<div class=\"bars\">\n");
    for (Section.Bar bar : bars) {
      html.append("<div class=\"bar\">");
      element("span", "label", bar.label());
      html.append("<span class=\"track\"><span class=\"fill ")
          .append(style(bar.role()))
          .append("\" style=\"width:")
          .append(percent(longest > 0 ? bar.value() / longest : 0))
          .append("\"></span></span>");
      element("span", "value", bar.text());
      html.append("</div>\n");
    }
    html.append("</div>\n");
  }

  private void columns(Section.Columns plot) {
    html.append("<figure class=\"plot\">");
    element("span", "top", plot.top());
    html.append("<div class=\"columns\">");
    for (Section.Column column : plot.columns()) {
      html.append("<i class=\"")
          .append(style(column.role()))
          .append("\" style=\"height:")
          .append(percent(column.height()))
          .append("\" title=\"")
          .append(escape(column.tip()))
          .append("\"></i>");
    }
    html.append("</div><figcaption>");
    element("span", "", plot.left());
    element("span", "", plot.right());
    html.append("</figcaption></figure>\n");
  }

  private void scatter(Section.Scatter plot) {
    html.append("<figure class=\"plot\">");
    element("span", "top", plot.top());
    html.append("<div class=\"scatter\">");
    if (plot.limit() >= 0) {
      html.append("<b style=\"bottom:").append(percent(plot.limit())).append("\">");
      element("small", "", plot.limitLabel());
      html.append("</b>");
    }
    for (Section.Point point : plot.points()) {
      html.append("<i class=\"")
          .append(style(point.role()))
          .append(point.x() > RIGHT_HALF ? " leftward" : "")
          .append("\" style=\"left:")
          .append(percent(point.x()))
          .append(";bottom:")
          .append(percent(point.y()))
          .append("\" title=\"")
          .append(escape(point.tip()))
          .append("\">");
      element("small", "", point.label());
      html.append("</i>");
    }
    html.append("</div>");
    element("span", "top", plot.bottom());
    html.append("<figcaption>");
    element("span", "", plot.left());
    element("span", "", plot.right());
    html.append("</figcaption></figure>\n");
  }

  private void pictures(List<Section.Picture> pictures) {
    html.append("<div class=\"pictures\">\n");
    for (Section.Picture picture : pictures) {
      html.append("<figure><img alt=\"\" src=\"").append(picture.image().dataUri()).append("\">");
      for (int i = 0; i < picture.lines().size(); i++) {
        element("span", i == 0 ? style(picture.role()) : "quiet", picture.lines().get(i));
      }
      html.append("</figure>\n");
    }
    html.append("</div>\n");
  }

  private void table(Section.Table table) {
    html.append("<div class=\"scroll\"><table>\n<thead><tr>");
    for (String head : table.heads()) {
      element(
          "th", numeric(head), head.endsWith(">") ? head.substring(0, head.length() - 1) : head);
    }
    html.append("</tr></thead>\n<tbody>\n");
    for (List<String> row : table.rows()) {
      html.append("<tr>");
      for (int i = 0; i < row.size(); i++) {
        element("td", numeric(table.heads().get(i)), row.get(i));
      }
      html.append("</tr>\n");
    }
    html.append("</tbody>\n</table></div>\n");
  }

  private static String numeric(String head) {
    return head.endsWith(">") ? "number" : "";
  }

  private void search(Section.Search search) {
    html.append("<div class=\"search\">\n");
    element("h3", "", search.query());
    html.append("<div class=\"sides\">");
    hits("before", search.before());
    hits("after", search.after());
    html.append("</div></div>\n");
  }

  private void hits(String side, List<Section.Hit> hits) {
    html.append("<div><span class=\"label ").append(side).append("\">").append(side);
    html.append("</span><ol>");
    for (Section.Hit hit : hits) {
      html.append("<li>")
          .append(escape(hit.text()))
          .append(" <small>")
          .append(String.format(Locale.ROOT, "%.3f", hit.similarity()))
          .append("</small></li>");
    }
    html.append("</ol></div>");
  }

  private void element(String name, String style, String text) {
    html.append('<').append(name);
    if (!style.isEmpty()) {
      html.append(" class=\"").append(style).append('"');
    }
    html.append('>').append(escape(text)).append("</").append(name).append(">");
  }

  /** The class of a role in the style sheet. */
  static String style(Section.Role role) {
    return role.name().toLowerCase(Locale.ROOT);
  }

  private static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.2f%%", 100 * Math.clamp(fraction, 0, 1));
  }
}
