package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.tensor.Tensor;
import java.util.Map;
import java.util.Random;

/**
 * Inputs for the models of MLPerf Tiny, whose data are not at hand: images of several kinds, and
 * smooth fields with a little noise, in the value range that the suite's own int8 models declare.
 */
public final class SyntheticInputs {
  private SyntheticInputs() {}

  /** Samples for a model by its short name; other seeds give other samples. */
  public static Samples of(String model, int count, long seed) {
    return Samples.of(
        count,
        index -> Sample.of(Map.of("input", input(model, new Random(seed * 10_007 + index)))));
  }

  private static Tensor input(String model, Random random) {
    return switch (model) {
      case "resnet8" -> Tensor.of(scene(random, 32, 255), 1, 3, 32, 32);
      case "vww" -> Tensor.of(scene(random, 96, 1), 1, 3, 96, 96);
      case "vww-shapes" -> Tensor.of(shapes(random, 96), 1, 3, 96, 96);
      case "resnet8-waves" -> Tensor.of(waves(random, 32, 255), 1, 3, 32, 32);
      case "vww-waves" -> Tensor.of(waves(random, 96, 1), 1, 3, 96, 96);
      case "vww-noise" -> Tensor.of(noise(random, 3 * 96 * 96), 1, 3, 96, 96);
      case "kws" -> Tensor.of(cepstrum(random), 1, 1, 49, 10);
      case "ad" -> Tensor.of(spectrogram(random, 5, 128, -60, 25, -85, 15), 1, 640);
      case "strww" -> Tensor.of(spectrogram(random, 30, 40, 0.4f, 0.3f, 0, 0.94f), 1, 40, 30, 1);
      default -> throw new IllegalArgumentException(model);
    };
  }

  /**
   * An image whose details are as strong as those of photographs, which fall off with their
   * frequency, in three correlated channels of 256 levels.
   */
  private static float[] scene(Random random, int size, float white) {
    float[] pixels = new float[3 * size * size];
    double brightness = 0.3 + 0.4 * random.nextDouble();
    double contrast = 0.05 + 0.1 * random.nextDouble();
    float[] grey = octaves(random, size);
    for (int channel = 0; channel < 3; channel++) {
      float[] tint = octaves(random, size);
      double level = brightness + 0.08 * random.nextGaussian();
      for (int i = 0; i < grey.length; i++) {
        double value = Math.clamp(level + contrast * (grey[i] + 0.4 * tint[i]), 0, 1);
        pixels[channel * grey.length + i] = (float) Math.rint(255 * value) * white / 255;
      }
    }
    return pixels;
  }

  /** Noise of each frequency from two waves in the image on, each octave equally strong. */
  private static float[] octaves(Random random, int size) {
    float[] sum = new float[size * size];
    for (int cells = 2; cells <= size; cells *= 2) {
      float[] values = new float[(cells + 1) * (cells + 1)];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      for (int i = 0; i < sum.length; i++) {
        int row = i / size;
        int column = i % size;
        float down = (float) row * cells / size;
        float across = (float) column * cells / size;
        int at = ((int) down) * (cells + 1) + (int) across;
        float x = across - (int) across;
        float y = down - (int) down;
        sum[i] +=
            (1 - y) * ((1 - x) * values[at] + x * values[at + 1])
                + y * ((1 - x) * values[at + cells + 1] + x * values[at + cells + 2]);
      }
    }
    return sum;
  }

  /** Up to eight ellipses of one colour each on a plain ground, with the noise of a sensor. */
  private static float[] shapes(Random random, int size) {
    float[] pixels = new float[3 * size * size];
    int shapes = 1 + random.nextInt(8);
    for (int shape = 0; shape <= shapes; shape++) {
      double row = size * random.nextDouble();
      double column = size * random.nextDouble();
      double height = shape == 0 ? 9 * size : 2 + size * random.nextDouble() / 4;
      double width = shape == 0 ? 9 * size : 2 + size * random.nextDouble() / 4;
      float[] colour = noise(random, 3);
      for (int i = 0; i < pixels.length; i++) {
        double down = (i / size % size - row) / height;
        double across = (i % size - column) / width;
        if (down * down + across * across < 1) {
          pixels[i] = colour[i / (size * size)];
        }
      }
    }
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) Math.clamp(pixels[i] + 0.02 * random.nextGaussian(), 0, 1);
    }
    return pixels;
  }

  /** Soft waves with a little noise, in three correlated channels: images without any detail. */
  private static float[] waves(Random random, int size, float white) {
    float[] grey = smooth(random, size, size, 6);
    float[] pixels = new float[3 * size * size];
    for (int channel = 0; channel < 3; channel++) {
      float[] tint = smooth(random, size, size, 3);
      for (int i = 0; i < size * size; i++) {
        double value = 0.5 + 0.22 * grey[i] + 0.1 * tint[i] + 0.03 * random.nextGaussian();
        pixels[channel * size * size + i] = (float) Math.clamp(value, 0, 1) * white;
      }
    }
    return pixels;
  }

  private static float[] noise(Random random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }

  /** 49 frames of 10 coefficients: the first is loudness, the others fall off. */
  private static float[] cepstrum(Random random) {
    float[] values = new float[490];
    for (int coefficient = 0; coefficient < 10; coefficient++) {
      float[] course = smooth(random, 49, 1, 8);
      double level = coefficient == 0 ? -40 : 6 * random.nextGaussian() / coefficient;
      double swing = coefficient == 0 ? 30 : 14.0 / Math.sqrt(coefficient);
      for (int frame = 0; frame < 49; frame++) {
        double value = level + swing * course[frame] + 1.5 * random.nextGaussian();
        values[frame * 10 + coefficient] = (float) Math.clamp(value, -123, 26);
      }
    }
    return values;
  }

  private static float[] spectrogram(
      Random random, int frames, int bands, float level, float swing, float low, float high) {
    float[] field = smooth(random, frames, bands, 5);
    float[] values = new float[frames * bands];
    for (int i = 0; i < values.length; i++) {
      double tilt = 0.5 - (double) (i % bands) / bands;
      double value = level + swing * (0.6 * field[i] + tilt + 0.15 * random.nextGaussian());
      values[i] = (float) Math.clamp(value, low, high);
    }
    return values;
  }

  /** A sum of a few waves of random direction and length, of unit variance. */
  private static float[] smooth(Random random, int rows, int columns, int waves) {
    float[] field = new float[rows * columns];
    for (int wave = 0; wave < waves; wave++) {
      double down = 3 * random.nextGaussian() / rows;
      double across = 3 * random.nextGaussian() / columns;
      double phase = random.nextDouble() * 2 * Math.PI;
      double height = Math.sqrt(2.0 / waves);
      for (int i = 0; i < field.length; i++) {
        int row = i / columns;
        double angle = 2 * Math.PI * (down * row + across * (i % columns)) + phase;
        field[i] += (float) (height * Math.sin(angle));
      }
    }
    return field;
  }
}
