package dev.tinytitan.bench.cases;

import dev.tinytitan.data.Dataset;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.TrainingData;
import java.util.Arrays;

/**
 * Samples of one data set, ready for a network, with what a split must not tear apart.
 *
 * @param data samples and targets
 * @param shape of a sample, channels first
 * @param groups the group of each sample
 * @param outputs classes, or values of a target
 */
@SuppressWarnings("ArrayRecordComponent") // One long column, never compared.
record Recordings(TrainingData data, Shape shape, long[] groups, int outputs) {

  /** A data set in memory. */
  static Recordings of(Dataset data) {
    TrainingData all = TrainingData.of(data);
    int outputs = all.hasClasses() ? data.classNames().size() : all.targets().length / all.size();
    return new Recordings(
        all, data.sampleShape(), data.groups().orElseThrow().toLongArray(), outputs);
  }

  /**
   * What standardizes the channels.
   *
   * @param train the samples by which it is measured
   */
  Scaling scaling(int[] train, double unit) {
    int channels = shape.dim(0);
    int length = shape.size() / channels;
    double[] means = new double[channels];
    double[] deviations = new double[channels];
    for (int channel = 0; channel < channels; channel++) {
      double sum = 0;
      double squares = 0;
      for (int sample : train) {
        int from = (sample * channels + channel) * length;
        for (int i = from; i < from + length; i++) {
          sum += data.samples()[i];
          squares += (double) data.samples()[i] * data.samples()[i];
        }
      }
      double count = (double) train.length * length;
      means[channel] = sum / count;
      deviations[channel] =
          Math.sqrt(Math.max(1e-12, squares / count - means[channel] * means[channel]));
    }
    return new Scaling(means, deviations, unit);
  }

  /** These samples, and after them others of the same kind. */
  Recordings and(Recordings others) {
    return new Recordings(
        new TrainingData(
            data.size() + others.data.size(),
            joined(data.samples(), others.data.samples()),
            data.sampleSize(),
            joined(data.classes(), others.data.classes()),
            joined(data.targets(), others.data.targets())),
        shape,
        joined(groups, others.groups),
        outputs);
  }

  private static float[] joined(float[] a, float[] b) {
    float[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private static int[] joined(int[] a, int[] b) {
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private static long[] joined(long[] a, long[] b) {
    long[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
