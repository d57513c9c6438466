package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.tensor.Tensor;
import java.util.Map;
import java.util.Random;

/**
 * Inputs for the models of MLPerf Tiny, whose data are not at hand: smooth fields with a little
 * noise, in the value range that the suite's own int8 models declare.
 */
final class SyntheticInputs {
  private SyntheticInputs() {}

  /** Samples for a model by its short name; other seeds give other samples. */
  static Samples of(String model, int count, long seed) {
    return Samples.of(
        count,
        index -> Sample.of(Map.of("input", input(model, new Random(seed * 10_007 + index)))));
  }

  private static Tensor input(String model, Random random) {
    return switch (model) {
      case "resnet8" -> Tensor.of(images(random, 32, 255), 1, 3, 32, 32);
      case "vww" -> Tensor.of(images(random, 96, 1), 1, 3, 96, 96);
      case "kws" -> Tensor.of(cepstrum(random), 1, 1, 49, 10);
      case "ad" -> Tensor.of(spectrogram(random, 5, 128, -60, 25, -85, 15), 1, 640);
      case "strww" -> Tensor.of(spectrogram(random, 30, 40, 0.4f, 0.3f, 0, 0.94f), 1, 40, 30, 1);
      default -> throw new IllegalArgumentException(model);
    };
  }

  /** Three correlated channels of one scene. */
  private static float[] images(Random random, int size, float white) {
    float[] scene = smooth(random, size, size, 6);
    float[] pixels = new float[3 * size * size];
    for (int channel = 0; channel < 3; channel++) {
      float[] tint = smooth(random, size, size, 3);
      for (int i = 0; i < size * size; i++) {
        double value = 0.5 + 0.22 * scene[i] + 0.1 * tint[i] + 0.03 * random.nextGaussian();
        pixels[channel * size * size + i] = (float) Math.clamp(value, 0, 1) * white;
      }
    }
    return pixels;
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
