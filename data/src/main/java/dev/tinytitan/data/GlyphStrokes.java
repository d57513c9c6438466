package dev.tinytitan.data;

import java.util.ArrayList;
import java.util.List;

/**
 * The shapes of digits and capital letters: for each, the strokes of a pen, as a path in the manner
 * of SVG on a square of 100 by 100, y downwards. {@code M} begins a stroke, {@code L} draws a line,
 * {@code Q} a curve by a control point and an end. 0 has a slash and I has serifs, which sets them
 * apart from O and 1.
 */
final class GlyphStrokes {
  /** The characters, in the order of their classes. */
  static final String CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

  /** Pieces that a curve is drawn in. */
  private static final int PIECES = 6;

  private static final String RING = "M50 5Q95 5 95 50Q95 95 50 95Q5 95 5 50Q5 5 50 5";

  private static final String[] PATHS = {
    RING + "M30 75L70 25",
    "M25 25L55 5L55 95",
    "M15 30Q15 5 50 5Q85 5 85 30Q85 50 15 95L88 95",
    "M15 15Q50 -5 80 15Q95 45 45 48Q100 50 85 80Q50 110 12 85",
    "M70 95L70 5L10 65L92 65",
    "M82 5L25 5L20 45Q60 30 82 55Q90 95 45 96Q25 96 12 85",
    "M75 8Q20 15 15 65Q20 97 52 96Q88 92 85 65Q78 42 48 44Q20 48 15 68",
    "M10 5L90 5Q50 50 40 95",
    "M50 48Q15 40 20 22Q30 3 50 4Q70 3 80 22Q85 40 50 48Q8 58 13 78Q25 97 50 96Q75 97 87 78"
        + "Q92 58 50 48",
    "M85 35Q80 58 50 57Q15 52 15 30Q20 4 50 4Q85 6 85 35Q85 75 55 96",
    "M8 95L50 5L92 95M24 62L76 62",
    "M18 5L18 95M18 5Q80 0 80 25Q80 47 18 48M18 48Q92 48 90 72Q88 98 18 95",
    "M88 20Q70 0 45 5Q10 15 10 50Q12 90 50 96Q75 98 90 78",
    "M18 5L18 95M18 5Q92 2 92 50Q92 97 18 95",
    "M85 5L18 5L18 95L85 95M18 48L70 48",
    "M85 5L18 5L18 95M18 48L70 48",
    "M88 20Q70 0 45 5Q10 15 10 50Q12 90 50 96Q90 96 90 55L60 55",
    "M15 5L15 95M85 5L85 95M15 50L85 50",
    "M50 5L50 95M25 5L75 5M25 95L75 95",
    "M30 5L85 5M65 5L65 70Q62 97 38 96Q15 92 14 70",
    "M18 5L18 95M85 5L18 55M40 42L88 95",
    "M20 5L20 95L85 95",
    "M10 95L15 5L50 65L85 5L90 95",
    "M15 95L15 5L85 95L85 5",
    RING,
    "M18 95L18 5Q88 0 86 28Q84 55 18 54",
    RING + "M60 70L92 98",
    "M18 95L18 5Q88 0 86 28Q84 55 18 54M45 54L88 95",
    "M84 18Q65 0 45 5Q15 10 18 28Q22 45 50 48Q88 55 85 76Q75 98 45 96Q22 94 12 80",
    "M8 5L92 5M50 5L50 95",
    "M14 5L14 62Q16 96 50 96Q84 96 86 62L86 5",
    "M8 5L50 95L92 5",
    "M5 5L27 95L50 35L73 95L95 5",
    "M12 5L88 95M88 5L12 95",
    "M10 5L50 50L90 5M50 50L50 95",
    "M12 5L88 5L12 95L90 95",
  };

  private static final List<List<Stroke>> GLYPHS = glyphs();

  private GlyphStrokes() {}

  /**
   * What the pen draws without being lifted.
   *
   * @param points x and y in turns, from 0 to 1; not to be changed
   */
  @SuppressWarnings("ArrayRecordComponent") // read in a loop over millions of points
  record Stroke(double[] points) {}

  /** The names of the classes: the characters, one by one. */
  static String[] names() {
    return CHARACTERS.chars().mapToObj(Character::toString).toArray(String[]::new);
  }

  /** The strokes of a character, by its place in {@link #CHARACTERS}. */
  static List<Stroke> of(int index) {
    return GLYPHS.get(index);
  }

  private static List<List<Stroke>> glyphs() {
    List<List<Stroke>> glyphs = new ArrayList<>();
    for (String path : PATHS) {
      glyphs.add(strokes(path));
    }
    return List.copyOf(glyphs);
  }

  private static List<Stroke> strokes(String path) {
    List<Stroke> strokes = new ArrayList<>();
    List<Double> points = new ArrayList<>();
    int at = 0;
    while (at < path.length()) {
      char command = path.charAt(at++);
      int end = at;
      while (end < path.length() && !Character.isLetter(path.charAt(end))) {
        end++;
      }
      String[] numbers = path.substring(at, end).split(" ", -1);
      at = end;
      double x = part(numbers[0]);
      double y = part(numbers[1]);
      if (command == 'Q') {
        curve(points, x, y, part(numbers[2]), part(numbers[3]));
        continue;
      }
      if (command == 'M' && !points.isEmpty()) {
        strokes.add(stroke(points));
        points.clear();
      }
      points.add(x);
      points.add(y);
    }
    strokes.add(stroke(points));
    return List.copyOf(strokes);
  }

  private static double part(String hundredths) {
    return Integer.parseInt(hundredths) / 100.0;
  }

  private static void curve(
      List<Double> points, double controlX, double controlY, double endX, double endY) {
    double startX = points.get(points.size() - 2);
    double startY = points.getLast();
    for (int i = 1; i <= PIECES; i++) {
      double at = i / (double) PIECES;
      double back = 1 - at;
      points.add(back * back * startX + 2 * back * at * controlX + at * at * endX);
      points.add(back * back * startY + 2 * back * at * controlY + at * at * endY);
    }
  }

  private static Stroke stroke(List<Double> points) {
    return new Stroke(points.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
