package dev.tinytitan.data;

import dev.tinytitan.tensor.Shape;

/**
 * Digits and capital letters, drawn by hand as it were: strokes whose points shake, bent, slanted,
 * turned and moved, with a pen of any width; white ink on black with noise. A group is a writer,
 * with a slant, a width and proportions of their own.
 */
record SyntheticGlyphs(ImageLayout layout) implements SyntheticSource {
  private static final int SIDE = 28;

  /** Images of the shape that the options want, else [1, 28, 28]. */
  static SyntheticGlyphs of(DatasetOptions options) {
    return new SyntheticGlyphs(options.image().orElse(ImageLayout.of(1, SIDE, SIDE)));
  }

  @Override
  public Shape shape() {
    return Shape.of(layout.channels(), layout.height(), layout.width());
  }

  @Override
  public void fill(float[] sample, int label, int group, StrictRandom common, StrictRandom random) {
    int height = layout.height();
    int width = layout.width();
    float[] ink = new float[height * width];
    Hand hand = hand(common, random);
    double side = Math.min(height, width);
    double pen = side * hand.pen / 2;
    for (GlyphStrokes.Stroke stroke : GlyphStrokes.of(label)) {
      double[] points = stroke.points();
      double[] moved = new double[points.length];
      double shakeX = 0.012 * random.gaussian();
      double shakeY = 0.012 * random.gaussian();
      for (int i = 0; i < points.length; i += 2) {
        double x = points[i] - 0.5 + shakeX;
        double y = points[i + 1] - 0.5 + shakeY;
        x += hand.bend * StrictMath.sin(Math.PI * y + hand.phase);
        y += hand.bend * StrictMath.sin(Math.PI * x + 2 * hand.phase);
        x = hand.stretch * x - hand.slant * y;
        double turnedX = hand.cosine * x - hand.sine * y;
        double turnedY = hand.sine * x + hand.cosine * y;
        moved[i] = width * (0.5 + hand.shiftX) + side * hand.size * turnedX;
        moved[i + 1] = height * (0.5 + hand.shiftY) + side * hand.size * turnedY;
      }
      for (int i = 0; i + 3 < moved.length; i += 2) {
        line(ink, moved[i], moved[i + 1], moved[i + 2], moved[i + 3], pen);
      }
    }
    paint(sample, ink, random);
  }

  /** How one character is written. Lengths are parts of the image's side. */
  private record Hand(
      double pen,
      double size,
      double stretch,
      double slant,
      double sine,
      double cosine,
      double bend,
      double phase,
      double shiftX,
      double shiftY) {}

  private static Hand hand(StrictRandom writer, StrictRandom random) {
    double pen = writer.between(0.05, 0.11) * random.between(0.85, 1.15);
    double size = writer.between(0.55, 0.72) * random.between(0.9, 1.1);
    double stretch = writer.between(0.65, 0.95) * random.between(0.92, 1.08);
    double slant = writer.between(-0.15, 0.35) + random.between(-0.1, 0.1);
    double angle = random.between(-0.18, 0.18);
    return new Hand(
        pen,
        size,
        stretch,
        slant,
        StrictMath.sin(angle),
        StrictMath.cos(angle),
        random.between(0, 0.06),
        random.between(0, 2 * Math.PI),
        random.between(-0.08, 0.08),
        random.between(-0.08, 0.08));
  }

  /** Draws a line with round ends, its edge one pixel soft. */
  private void line(float[] ink, double x0, double y0, double x1, double y1, double pen) {
    int fromX = Math.max(0, (int) Math.floor(Math.min(x0, x1) - pen - 1));
    int toX = Math.min(layout.width() - 1, (int) Math.ceil(Math.max(x0, x1) + pen + 1));
    int fromY = Math.max(0, (int) Math.floor(Math.min(y0, y1) - pen - 1));
    int toY = Math.min(layout.height() - 1, (int) Math.ceil(Math.max(y0, y1) + pen + 1));
    double alongX = x1 - x0;
    double alongY = y1 - y0;
    double square = Math.max(1e-12, alongX * alongX + alongY * alongY);
    for (int y = fromY; y <= toY; y++) {
      for (int x = fromX; x <= toX; x++) {
        double px = x + 0.5 - x0;
        double py = y + 0.5 - y0;
        double at = Math.clamp((px * alongX + py * alongY) / square, 0.0, 1.0);
        double dx = px - at * alongX;
        double dy = py - at * alongY;
        double cover = Math.clamp(pen + 0.5 - Math.sqrt(dx * dx + dy * dy), 0.0, 1.0);
        int place = y * layout.width() + x;
        ink[place] = Math.max(ink[place], (float) cover);
      }
    }
  }

  private void paint(float[] sample, float[] ink, StrictRandom random) {
    double paper = random.between(0, 0.12);
    double dark = random.between(0.7, 1.0);
    double noise = random.between(0.01, 0.06);
    for (int i = 0; i < ink.length; i++) {
      double value = paper + (dark - paper) * ink[i] + noise * random.gaussian();
      sample[i] = layout.maximum() * (float) Math.clamp(value, 0.0, 1.0);
    }
    for (int channel = 1; channel < layout.channels(); channel++) {
      System.arraycopy(sample, 0, sample, channel * ink.length, ink.length);
    }
  }
}
