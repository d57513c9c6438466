package dev.tinytitan.bench.learn;

import dev.tinytitan.data.Dataset;
import dev.tinytitan.data.LogMel;
import dev.tinytitan.data.Npz;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Labelled samples of persons, in memory.
 *
 * @param samples of each, as the model takes it
 * @param shape of a sample, a batch of 1 first
 * @param labels the class of each
 * @param persons who each is of
 * @param numbers the how-many-th of its person and class each is
 */
@SuppressWarnings("ArrayRecordComponent") // held by one program, never compared
record Clips(float[][] samples, int[] shape, int[] labels, int[] persons, int[] numbers) {

  /** WISDM's windows of 4 s at 20 Hz, three axes: [1, 3, 80]. */
  static Clips activities(Path shared) {
    Path file = shared.resolve("datasets/wisdm_watch/train.npz");
    float[] x = Npz.read(file, "x").toFloatArray();
    int[] labels = Npz.read(file, "y").toIntArray();
    int[] persons = Npz.read(file, "subject").toIntArray();
    float[][] samples = new float[labels.length][240];
    for (int i = 0; i < labels.length; i++) {
      for (int t = 0; t < 80; t++) {
        for (int axis = 0; axis < 3; axis++) {
          samples[i][axis * 80 + t] = x[(i * 80 + t) * 3 + axis];
        }
      }
    }
    return of(samples, new int[] {1, 3, 80}, labels, persons);
  }

  /**
   * Spoken digits as 49 frames of 10 mel bands, the input of the keyword network: [1, 1, 49, 10].
   */
  static Clips digits(Path shared) {
    Path file = shared.resolve("datasets/fsdd/train.npz");
    float[] audio = Npz.read(file, "audio").toFloatArray();
    int[] offset = Npz.read(file, "offset").toIntArray();
    int[] labels = Npz.read(file, "y").toIntArray();
    int[] persons = Npz.read(file, "speaker").toIntArray();
    float[][] samples = new float[labels.length][];
    try (LogMel mel = LogMel.of(new LogMel.Options(8000, 256, 160, 10, 60, 4000))) {
      for (int i = 0; i < labels.length; i++) {
        float[] sound = new float[8000];
        int length = Math.min(8000, offset[i + 1] - offset[i]);
        for (int k = 0; k < length; k++) {
          sound[(8000 - length) / 2 + k] = audio[offset[i] + k] / 32768f;
        }
        float[] bands = mel.features(sound);
        int frames = bands.length / 10;
        samples[i] = new float[490];
        for (int frame = 0; frame < 49; frame++) {
          for (int band = 0; band < 10; band++) {
            samples[i][frame * 10 + band] = bands[band * frames + Math.min(frame, frames - 1)];
          }
        }
      }
    }
    return of(samples, new int[] {1, 1, 49, 10}, labels, persons);
  }

  private static Clips of(float[][] samples, int[] shape, int[] labels, int[] persons) {
    int[] numbers = new int[labels.length];
    for (int i = 0; i < numbers.length; i++) {
      for (int k = 0; k < i; k++) {
        numbers[i] += persons[k] == persons[i] && labels[k] == labels[i] ? 1 : 0;
      }
    }
    return new Clips(samples, shape, labels, persons, numbers);
  }

  /** The numbers of those that a test picks. */
  int[] where(IntPredicate test) {
    return IntStream.range(0, labels.length).filter(test).toArray();
  }

  Tensor sample(int index) {
    return Tensor.of(samples[index].clone(), shape);
  }

  /** Some of them as a data set. */
  Dataset dataset(int[] which) {
    float[] all = new float[which.length * samples[0].length];
    long[] own = new long[which.length];
    for (int i = 0; i < which.length; i++) {
      System.arraycopy(samples[which[i]], 0, all, i * samples[0].length, samples[0].length);
      own[i] = labels[which[i]];
    }
    int[] dims = shape.clone();
    dims[0] = which.length;
    return Dataset.of(Tensor.of(all, dims), Tensor.of(own, which.length));
  }

  /** The persons there are. */
  int[] people() {
    return Arrays.stream(persons).distinct().sorted().toArray();
  }
}
