package dev.tinytitan.cli.demo;

import dev.tinytitan.BadDataException;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Labelled windows of a wrist's acceleration, and whose they are. Immutable. */
final class Windows {
  private final float[][] samples;
  private final int[] sampleShape;
  private final int[] labels;
  private final long[] persons;
  private final List<String> classNames;

  /**
   * Takes all of a data set into memory.
   *
   * @throws BadDataException if it does not say what windows show, or whose they are
   */
  Windows(Dataset data) {
    this.labels =
        data.labels()
            .orElseThrow(() -> new BadDataException("The activities have no labels y."))
            .toIntArray();
    this.persons =
        data.groups()
            .orElseThrow(() -> new BadDataException("The activities do not say whose they are."))
            .toLongArray();
    this.classNames = data.classNames();
    int[] dims = data.sampleShape().toArray();
    // Files have a row for each moment; models take a row for each axis.
    boolean turned = dims.length == 2 && dims[0] > dims[1];
    this.sampleShape = turned ? new int[] {1, dims[1], dims[0]} : new int[] {1, dims[0], dims[1]};
    float[] all = data.samples(0, data.size()).toFloatArray();
    int size = sampleShape[1] * sampleShape[2];
    this.samples = new float[data.size()][size];
    for (int i = 0; i < samples.length; i++) {
      for (int k = 0; k < size; k++) {
        int from = turned ? k % sampleShape[2] * sampleShape[1] + k / sampleShape[2] : k;
        samples[i][k] = all[i * size + from];
      }
    }
  }

  /** The persons, ascending. */
  long[] people() {
    return Arrays.stream(persons).distinct().sorted().toArray();
  }

  /** The numbers of all windows of some persons, or of all others. */
  int[] of(List<Long> people, boolean inside) {
    return IntStream.range(0, labels.length)
        .filter(i -> people.contains(persons[i]) == inside)
        .toArray();
  }

  /**
   * The same in an order without a pattern. Recordings have one: every so many-th window may be of
   * one class.
   */
  static int[] shuffled(int[] which, long seed) {
    int[] order = which.clone();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = order.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int moved = order[i];
      order[i] = order[other];
      order[other] = moved;
    }
    return order;
  }

  int label(int index) {
    return labels[index];
  }

  /** A window as models take it, a batch of 1 first. */
  Tensor sample(int index) {
    return Tensor.of(samples[index].clone(), sampleShape);
  }

  /** The shape of a window without the batch. */
  Shape shape() {
    return Shape.of(sampleShape[1], sampleShape[2]);
  }

  int classes() {
    return 1 + Arrays.stream(labels).max().orElse(0);
  }

  List<String> classNames() {
    return classNames;
  }

  double mean(int[] which) {
    return Arrays.stream(which)
        .mapToDouble(i -> mean(samples[i], 0, 1))
        .average()
        .orElse(Double.NaN);
  }

  double deviation(int[] which) {
    double mean = mean(which);
    return Math.sqrt(
        Arrays.stream(which)
            .mapToDouble(i -> mean(samples[i], mean, 2))
            .average()
            .orElse(Double.NaN));
  }

  /** The mean of a power of the distance to a number. */
  private static double mean(float[] values, double from, int power) {
    double sum = 0;
    for (float value : values) {
      sum += Math.pow(value - from, power);
    }
    return sum / values.length;
  }

  /** Some of them as a data set. */
  Dataset dataset(int[] which) {
    int size = samples[0].length;
    float[] all = new float[which.length * size];
    long[] own = new long[which.length];
    for (int i = 0; i < which.length; i++) {
      System.arraycopy(samples[which[i]], 0, all, i * size, size);
      own[i] = labels[which[i]];
    }
    return Dataset.of(
        Tensor.of(all, which.length, sampleShape[1], sampleShape[2]), Tensor.of(own, which.length));
  }

  /**
   * Which windows of a person are learned, and which judge: every sixth of a recording is learned,
   * so many of each class.
   */
  Lessons lessons(long person, int ofEachClass) {
    IntStream.Builder learned = IntStream.builder();
    IntStream.Builder judged = IntStream.builder();
    int[] seen = new int[classes()];
    for (int i = 0; i < labels.length; i++) {
      if (persons[i] == person) {
        boolean isLesson = seen[labels[i]] % 6 == 2 && seen[labels[i]] < 6 * ofEachClass;
        (isLesson ? learned : judged).add(i);
        seen[labels[i]]++;
      }
    }
    return new Lessons(learned.build().toArray(), judged.build().toArray());
  }

  /** Windows to learn from, and windows to judge with. */
  @SuppressWarnings("ArrayRecordComponent") // made once, never compared
  record Lessons(int[] learned, int[] judged) {}
}
