package dev.tinytitan.train;

import dev.tinytitan.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** A change to one sample by chance, so that each epoch sees another one. Stateless. */
@FunctionalInterface
public interface Augmentation {

  /**
   * Changes a sample in place.
   *
   * @param sample the elements, row-major, exactly as many as the shape has
   * @param shape without the batch: {@code [channels, height, width]} for images, {@code [channels,
   *     length]} for signals
   * @param random the only source of chance
   */
  void apply(float[] sample, Shape shape, RandomGenerator random);

  /** All of these, one after the other. */
  static Augmentation all(List<Augmentation> parts) {
    List<Augmentation> copy = List.copyOf(parts);
    return (sample, shape, random) -> copy.forEach(part -> part.apply(sample, shape, random));
  }

  /** Mirrors an image left to right, every other time. */
  static Augmentation flip() {
    return (sample, shape, random) -> {
      if (random.nextBoolean()) {
        int width = shape.dim(-1);
        for (int line = 0; line < sample.length; line += width) {
          for (int i = 0; i < width / 2; i++) {
            float left = sample[line + i];
            sample[line + i] = sample[line + width - 1 - i];
            sample[line + width - 1 - i] = left;
          }
        }
      }
    };
  }

  /**
   * Shifts along the last axis (signals), or the last two (images, of three dimensions), by up to
   * {@code most} places; what comes in is 0. For an image this is a crop of the padded image.
   */
  static Augmentation shift(int most) {
    return (sample, shape, random) -> {
      int width = shape.dim(-1);
      int height = shape.rank() > 2 ? shape.dim(-2) : 1;
      int right = random.nextInt(-most, most + 1);
      int down = height > 1 ? random.nextInt(-most, most + 1) : 0;
      float[] from = sample.clone();
      for (int line = 0; line < sample.length / width; line++) {
        int source = line % height - down;
        for (int i = 0; i < width; i++) {
          int at = i - right;
          boolean inside = source >= 0 && source < height && at >= 0 && at < width;
          sample[line * width + i] = inside ? from[(line - down) * width + at] : 0;
        }
      }
    };
  }

  /**
   * Takes a part of the last axis (signals), or of the last two (images), at any place, and
   * stretches it over the whole, between neighbours linearly: nearer, or slower.
   *
   * @param least the least part of an axis, over 0, at most 1
   */
  static Augmentation crop(double least) {
    return (sample, shape, random) -> {
      int width = shape.dim(-1);
      int height = shape.rank() > 2 ? shape.dim(-2) : 1;
      double part = least + (1 - least) * random.nextDouble();
      double left = random.nextDouble() * (1 - part) * (width - 1);
      double top = random.nextDouble() * (1 - part) * (height - 1);
      float[] from = sample.clone();
      for (int line = 0; line < sample.length / width; line++) {
        double y = top + part * (line % height);
        int above = (int) y;
        int first = line - line % height + above;
        int second = first + (above + 1 < height ? 1 : 0);
        for (int i = 0; i < width; i++) {
          double x = left + part * i;
          int before = (int) x;
          int after = Math.min(width - 1, before + 1);
          double upper = between(from, first * width, before, after, x - before);
          double lower = between(from, second * width, before, after, x - before);
          sample[line * width + i] = (float) (upper + (y - above) * (lower - upper));
        }
      }
    };
  }

  private static double between(float[] values, int line, int before, int after, double share) {
    return values[line + before] + share * (values[line + after] - values[line + before]);
  }

  /** Adds Gaussian noise of this standard deviation. */
  static Augmentation noise(double deviation) {
    return (sample, shape, random) -> {
      for (int i = 0; i < sample.length; i++) {
        sample[i] += (float) (deviation * random.nextGaussian());
      }
    };
  }

  /**
   * Sets a stretch of the last axis to 0 in all lines (masking of a signal), or a square of an
   * image (cutout; DeVries and Taylor 2017).
   *
   * @param most the most places along an axis
   */
  static Augmentation mask(int most) {
    return (sample, shape, random) -> {
      int width = shape.dim(-1);
      int height = shape.rank() > 2 ? shape.dim(-2) : 1;
      int across = Math.min(width, random.nextInt(most + 1));
      int left = random.nextInt(width - across + 1);
      int along = height > 1 ? Math.min(height, across) : 1;
      int top = random.nextInt(height - along + 1);
      for (int line = 0; line < sample.length / width; line++) {
        if (line % height >= top && line % height < top + along) {
          Arrays.fill(sample, line * width + left, line * width + left + across, 0f);
        }
      }
    };
  }
}
