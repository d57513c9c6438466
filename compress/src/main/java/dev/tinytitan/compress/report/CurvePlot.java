package dev.tinytitan.compress.report;

import java.util.List;
import java.util.Locale;

/** Draws {@link Section.Curves} as lines that stretch with the page, with letters around them. */
final class CurvePlot {
  private static final int WIDTH = 1000;
  private static final int HEIGHT = 300;

  private final Section.Curves plot;
  private final double least;
  private final double greatest;
  private final int steps;

  private CurvePlot(Section.Curves plot) {
    this.plot = plot;
    this.least = finite(plot).stream().mapToDouble(v -> v).min().orElse(0);
    this.greatest = finite(plot).stream().mapToDouble(v -> v).max().orElse(1);
    this.steps = plot.curves().stream().mapToInt(curve -> curve.values().size()).max().orElse(0);
  }

  private static List<Double> finite(Section.Curves plot) {
    return plot.curves().stream()
        .flatMap(curve -> curve.values().stream())
        .filter(Double::isFinite)
        .toList();
  }

  static String render(Section.Curves plot) {
    return new CurvePlot(plot).figure();
  }

  private String figure() {
    StringBuilder html = new StringBuilder("<figure class=\"plot curves\"><div class=\"legend\">");
    for (Section.Curve curve : plot.curves()) {
      html.append("<span><i class=\"")
          .append(HtmlPage.style(curve.role()))
          .append("\"></i>")
          .append(HtmlPage.escape(curve.name()))
          .append("</span>");
    }
    html.append("</div><span class=\"top\">").append(value(greatest)).append("</span>");
    html.append("<svg viewBox=\"0 0 ")
        .append(WIDTH)
        .append(' ')
        .append(HEIGHT)
        .append("\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"")
        .append(HtmlPage.escape(plot.heading()))
        .append("\">");
    plot.curves().forEach(curve -> line(html, curve));
    html.append("</svg><span class=\"bottom\">").append(value(least)).append("</span>");
    html.append("<figcaption><span>")
        .append(HtmlPage.escape(plot.step()))
        .append(" 1</span><span>")
        .append(HtmlPage.escape(plot.step()))
        .append(' ')
        .append(steps)
        .append("</span></figcaption></figure>\n");
    return html.toString();
  }

  private void line(StringBuilder html, Section.Curve curve) {
    html.append("<polyline class=\"").append(HtmlPage.style(curve.role())).append("\" points=\"");
    for (int i = 0; i < curve.values().size(); i++) {
      double value = curve.values().get(i);
      if (Double.isFinite(value)) {
        point(html, i, value);
        if (curve.values().size() == 1) {
          // A line needs two ends.
          point(html, 1, value);
        }
      }
    }
    html.append("\"><title>").append(HtmlPage.escape(curve.name())).append("</title></polyline>");
  }

  private void point(StringBuilder html, int step, double value) {
    double x = WIDTH * step / (double) Math.max(1, steps - 1);
    double range = greatest - least;
    double y = range > 0 ? HEIGHT * (greatest - value) / range : HEIGHT / 2.0;
    html.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
  }

  private String value(double number) {
    return HtmlPage.escape(String.format(Locale.ROOT, plot.format(), number));
  }
}
