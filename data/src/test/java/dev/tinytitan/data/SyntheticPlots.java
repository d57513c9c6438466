package dev.tinytitan.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Draws synthetic data as SVG, for docs/synthetic.md. */
final class SyntheticPlots {
  private static final int WIDTH = 640;
  private static final int WAVE_HEIGHT = 70;
  private static final String INK = "#2a6f97";
  private static final String TEXT = "#6c757d";
  private static final int SHADES = 4;

  private SyntheticPlots() {}

  /** What is drawn, by the name of the data. */
  static final List<String> NAMES = List.of("glyphs", "bearing", "ecg", "keywords");

  /** The SVG of one kind of data. */
  static String draw(String name) {
    try (Dataset data = Dataset.open(Path.of("synthetic:" + name))) {
      return name.equals("glyphs") ? glyphs(data) : waves(data, name);
    }
  }

  /** All characters by one writer, then by another. */
  private static String glyphs(Dataset data) {
    int classes = data.classNames().size();
    int side = data.sampleShape().dim(1);
    int columns = 18;
    StringBuilder[] shades = new StringBuilder[SHADES];
    for (int i = 0; i < SHADES; i++) {
      shades[i] = new StringBuilder();
    }
    int rows = 2 * classes / columns;
    for (int i = 0; i < 2 * classes; i++) {
      float[] image = data.sample(i).toFloatArray();
      int left = i % columns * side;
      int top = i / columns * side;
      for (int y = 0; y < side; y++) {
        runs(image, y, side, left, top + y, shades);
      }
    }
    StringBuilder svg = open(columns * side, rows * side);
    svg.append("<rect width='100%' height='100%' fill='#000'/>\n");
    for (int i = 0; i < SHADES; i++) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<path stroke='#fff' stroke-opacity='%.2f' d='%s'/>\n",
              (i + 1) / (double) SHADES,
              shades[i]));
    }
    return svg.append("</svg>\n").toString();
  }

  /** Equal pixels next to each other become one line. */
  private static void runs(
      float[] image, int row, int side, int left, int top, StringBuilder[] shades) {
    int from = 0;
    for (int x = 1; x <= side; x++) {
      int shade = shade(image[row * side + from]);
      if (x == side || shade(image[row * side + x]) != shade) {
        if (shade > 0) {
          shades[shade - 1]
              .append('M')
              .append(left + from)
              .append(' ')
              .append(top)
              .append(".5h")
              .append(x - from);
        }
        from = x;
      }
    }
  }

  private static int shade(float value) {
    return Math.round(value / 255 * SHADES);
  }

  /** One wave for each class. */
  private static String waves(Dataset data, String name) {
    int classes = data.classNames().size();
    StringBuilder svg = open(WIDTH, classes * WAVE_HEIGHT);
    double scale =
        switch (name) {
          case "ecg" -> 2.5;
          case "keywords" -> 1;
          default -> 1.5;
        };
    for (int i = 0; i < classes; i++) {
      float[] wave = data.sample(i).toFloatArray();
      double middle = (i + 0.5) * WAVE_HEIGHT;
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x='0' y='%.0f' fill='%s'>%s</text>\n<polyline stroke='%s' points='",
              middle + 4,
              TEXT,
              data.classNames().get(i),
              INK));
      int step = Math.max(1, wave.length / 1024);
      for (int t = 0; t < wave.length; t += step) {
        double x = 60 + (WIDTH - 60.0) * t / wave.length;
        double y = middle - Math.clamp(wave[t] / scale, -1.0, 1.0) * WAVE_HEIGHT / 2;
        svg.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
      }
      svg.append("'/>\n");
    }
    return svg.append("</svg>\n").toString();
  }

  private static StringBuilder open(int width, int height) {
    return new StringBuilder(
        String.format(
            Locale.ROOT,
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' fill='none'"
                + " font-family='sans-serif' font-size='12'>\n",
            width,
            height,
            WIDTH));
  }
}
