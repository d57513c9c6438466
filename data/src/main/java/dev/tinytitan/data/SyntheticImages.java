package dev.tinytitan.data;

import dev.tinytitan.tensor.Shape;

/** Discs, squares, crosses and stripes of any color on a background of any color. */
record SyntheticImages(ImageLayout layout) implements SyntheticSource {
  private static final int SIDE = 32;

  /** Images of the shape that the options want, else [3, 32, 32]. */
  static SyntheticImages of(DatasetOptions options) {
    return new SyntheticImages(options.image().orElse(ImageLayout.of(3, SIDE, SIDE)));
  }

  @Override
  public Shape shape() {
    return Shape.of(layout.channels(), layout.height(), layout.width());
  }

  @Override
  public void fill(float[] sample, int label, int group, StrictRandom common, StrictRandom random) {
    int height = layout.height();
    int width = layout.width();
    float[] back = color(random);
    float[] front = contrasting(back, random);
    double radius = Math.min(height, width) * random.between(0.2, 0.4);
    double middleY = height * random.between(0.35, 0.65);
    double middleX = width * random.between(0.35, 0.65);
    double period = Math.max(3, radius * 0.8);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double dy = y + 0.5 - middleY;
        double dx = x + 0.5 - middleX;
        boolean inside =
            switch (label) {
              case 0 -> dx * dx + dy * dy <= radius * radius;
              case 1 -> Math.max(Math.abs(dx), Math.abs(dy)) <= radius * 0.85;
              case 2 ->
                  Math.min(Math.abs(dx), Math.abs(dy)) <= radius * 0.25
                      && Math.max(Math.abs(dx), Math.abs(dy)) <= radius;
              default ->
                  Math.floorMod((long) Math.floor((x + y) / period), 2L) == 0
                      && Math.max(Math.abs(dx), Math.abs(dy)) <= radius;
            };
        float[] color = inside ? front : back;
        for (int channel = 0; channel < layout.channels(); channel++) {
          double noise = 0.05 * random.gaussian();
          sample[(channel * height + y) * width + x] =
              layout.maximum() * (float) Math.clamp(color[channel] + noise, 0.0, 1.0);
        }
      }
    }
  }

  private static float[] color(StrictRandom random) {
    float[] color = new float[3];
    for (int i = 0; i < 3; i++) {
      color[i] = (float) random.uniform();
    }
    return color;
  }

  /** A color that differs from another in every channel, so that grey images show it, too. */
  private static float[] contrasting(float[] other, StrictRandom random) {
    float[] color = new float[3];
    boolean darker = other[0] + other[1] + other[2] > 1.5f;
    for (int i = 0; i < 3; i++) {
      double difference = random.between(0.35, 0.6);
      color[i] = (float) Math.clamp(other[i] + (darker ? -difference : difference), 0.0, 1.0);
    }
    return color;
  }
}
