package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * PneumoniaMNIST, chest X-rays: {@code x} [n, 28, 28], {@code y}, and in the training file {@code
 * x_val} and {@code y_val}. Samples are [1, 28, 28], white is 1. The training file holds some
 * images twice, a few of them in both parts: each is kept once, those of validation there. Each
 * image is its own group; those of validation have numbers from 2³² on.
 */
final class ChestXrays implements PublicSet {
  private static final int SIDE = 28;
  private static final float WHITE = 255;
  private static final long VALIDATION = 1L << 32;
  private static final List<String> CLASSES = List.of("normal", "pneumonia");

  @Override
  public Dataset read(Path file) {
    NpzArrays arrays = NpzArrays.read(file);
    long[] classes = arrays.classes(CLASSES.size());
    float[] pixels = arrays.floats("x", classes.length, SIDE * SIDE);
    long[] numbers = IntStream.range(0, classes.length).asLongStream().toArray();
    if (arrays.has("x_val")) {
      long[] own = arrays.get("y_val").toLongArray();
      float[] images = arrays.floats("x_val", own.length, SIDE * SIDE);
      // Validation first, so that what is in both parts stays there.
      float[] both = Arrays.copyOf(images, images.length + pixels.length);
      System.arraycopy(pixels, 0, both, images.length, pixels.length);
      long[] all = Arrays.copyOf(own, own.length + classes.length);
      System.arraycopy(classes, 0, all, own.length, classes.length);
      long[] groups = new long[all.length];
      Arrays.setAll(groups, i -> i < own.length ? VALIDATION + i : i - own.length);
      int[] kept = distinct(both);
      return images(both, all, groups, kept, file);
    }
    return images(pixels, classes, numbers, IntStream.range(0, classes.length).toArray(), file);
  }

  /** The first of all equal images; those of the training part before those of validation. */
  private static int[] distinct(float[] pixels) {
    int size = SIDE * SIDE;
    Set<String> seen = new HashSet<>();
    return IntStream.range(0, pixels.length / size)
        .filter(
            i -> seen.add(Arrays.toString(Arrays.copyOfRange(pixels, i * size, (i + 1) * size))))
        .toArray();
  }

  private static Dataset images(
      float[] pixels, long[] classes, long[] groups, int[] kept, Path file) {
    // In the order of groups: the training part comes first.
    int[] order =
        IntStream.of(kept)
            .boxed()
            .sorted((a, b) -> Long.compare(groups[a], groups[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    int size = SIDE * SIDE;
    float[] samples = new float[order.length * size];
    long[] labels = new long[order.length];
    long[] numbers = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      for (int j = 0; j < size; j++) {
        samples[i * size + j] = pixels[order[i] * size + j] / WHITE;
      }
      labels[i] = classes[order[i]];
      numbers[i] = groups[order[i]];
      if (labels[i] < 0 || labels[i] >= CLASSES.size()) {
        throw new BadDataException(file + ": an image is of class " + labels[i] + ".");
      }
    }
    return Dataset.of(
        Tensor.of(samples, order.length, 1, SIDE, SIDE), Tensor.of(labels), CLASSES, numbers);
  }
}
