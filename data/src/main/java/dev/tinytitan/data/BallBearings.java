package dev.tinytitan.data;

import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * CWRU, the vibration of ball bearings: {@code x} [n, 1024] at 12 kHz, {@code y}, {@code load}.
 * Samples are the logarithms of 32 bands in frames of 128 samples, [1, 32, frames], of windows
 * brought to the same power: which frequencies ring tells the fault at any load. A group is an
 * eighth of a recording, in the order of the file: {@code 16 · (10 · class + load) + eighth}.
 */
final class BallBearings implements PublicSet {
  private static final int LENGTH = 1024;
  private static final int PARTS = 8;
  private static final int RECORDING = 16;
  private static final LogMel.Options BANDS = new LogMel.Options(12_000, 128, 64, 32, 0, 6000);
  private static final List<String> CLASSES =
      List.of(
          "normal", "B007", "B014", "B021", "IR007", "IR014", "IR021", "OR007", "OR014", "OR021");

  @Override
  public Dataset read(Path file) {
    NpzArrays arrays = NpzArrays.read(file);
    long[] classes = arrays.classes(CLASSES.size());
    int count = classes.length;
    float[] windows = arrays.floats("x", count, LENGTH);
    long[] loads = arrays.longs("load", count);
    int frames = BANDS.frames(LENGTH);
    int size = BANDS.bands() * frames;
    float[] samples = new float[count * size];
    try (LogMel bands = LogMel.of(BANDS)) {
      for (int i = 0; i < count; i++) {
        float[] window = Arrays.copyOfRange(windows, i * LENGTH, (i + 1) * LENGTH);
        System.arraycopy(bands.features(ofUnitPower(window)), 0, samples, i * size, size);
      }
    }
    return Dataset.of(
        Tensor.of(samples, count, 1, BANDS.bands(), frames),
        Tensor.of(classes),
        CLASSES,
        groups(classes, loads));
  }

  private static float[] ofUnitPower(float[] window) {
    double squares = 1e-9;
    for (float value : window) {
      squares += (double) value * value;
    }
    float factor = (float) Math.sqrt(window.length / squares);
    for (int i = 0; i < window.length; i++) {
      window[i] *= factor;
    }
    return window;
  }

  private static long[] groups(long[] classes, long[] loads) {
    Map<Long, Integer> sizes = new HashMap<>();
    for (int i = 0; i < classes.length; i++) {
      sizes.merge(10 * classes[i] + loads[i], 1, Integer::sum);
    }
    Map<Long, Integer> seen = new HashMap<>();
    long[] groups = new long[classes.length];
    for (int i = 0; i < groups.length; i++) {
      long recording = 10 * classes[i] + loads[i];
      int place = seen.merge(recording, 1, Integer::sum) - 1;
      int size = sizes.getOrDefault(recording, 1);
      groups[i] = RECORDING * recording + (long) place * PARTS / size;
    }
    return groups;
  }
}
