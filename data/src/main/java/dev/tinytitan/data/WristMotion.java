package dev.tinytitan.data;

import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;

/**
 * WISDM, the accelerometer of a watch: {@code x} [n, 80, 3] in m/s², {@code y}, {@code subject}.
 * Samples are [3, 80] in units of gravity; groups are people.
 */
final class WristMotion implements PublicSet {
  private static final int AXES = 3;
  private static final int LENGTH = 80;
  private static final float GRAVITY = 9.81f;
  private static final List<String> CLASSES =
      List.of("walking", "jogging", "stairs", "sitting", "standing", "kicking");

  @Override
  public Dataset read(Path file) {
    NpzArrays arrays = NpzArrays.read(file);
    long[] classes = arrays.classes(CLASSES.size());
    int count = classes.length;
    float[] x = arrays.floats("x", count, LENGTH * AXES);
    float[] samples = new float[x.length];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < LENGTH; j++) {
        for (int axis = 0; axis < AXES; axis++) {
          samples[(i * AXES + axis) * LENGTH + j] = x[(i * LENGTH + j) * AXES + axis] / GRAVITY;
        }
      }
    }
    return Dataset.of(
        Tensor.of(samples, count, AXES, LENGTH),
        Tensor.of(classes),
        CLASSES,
        arrays.longs("subject", count));
  }
}
