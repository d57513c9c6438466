package dev.tinytitan.train;

import dev.tinytitan.tensor.Shape;
import java.util.SplittableRandom;

/**
 * Makes batches: which samples, augmented, mixed, with their targets. All chance comes from the
 * seed, the epoch and the sample's place, so a batch is the same whenever it is made.
 */
final class BatchMaker {
  private static final long STRIDE = 0x9E3779B97F4A7C15L;

  private final TrainingData data;
  private final TrainingOptions options;
  private final Shape sampleShape;
  private final int batch;
  private final int targetSize;
  private final float[] sample;

  /**
   * @param batch samples of a batch
   * @param targetSize elements of a target
   */
  BatchMaker(
      TrainingData data, TrainingOptions options, Shape sampleShape, int batch, int targetSize) {
    this.data = data;
    this.options = options;
    this.sampleShape = sampleShape;
    this.batch = batch;
    this.targetSize = targetSize;
    this.sample = new float[data.sampleSize()];
  }

  /** The order of the samples in an epoch. */
  int[] order(int epoch) {
    SplittableRandom random = random(epoch, -1);
    int[] order = new int[data.size()];
    for (int i = 0; i < order.length; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  private SplittableRandom random(int epoch, int place) {
    return new SplittableRandom(options.seed() * STRIDE + epoch * 0x632BE59BD9B4E019L + place);
  }

  /**
   * Fills in one batch.
   *
   * @param from the first place in {@code order}
   * @param targets left as they are if the data have none
   */
  void fill(int[] order, int from, int epoch, float[] inputs, float[] targets) {
    for (int i = 0; i < batch; i++) {
      int index = order[from + i];
      int size = data.sampleSize();
      if (options.augmentation().isPresent()) {
        System.arraycopy(data.samples(), index * size, sample, 0, size);
        options.augmentation().get().apply(sample, sampleShape, random(epoch, from + i));
        System.arraycopy(sample, 0, inputs, i * size, size);
      } else {
        System.arraycopy(data.samples(), index * size, inputs, i * size, size);
      }
      target(index, targets, i * targetSize);
    }
    if (options.loss() instanceof Loss.CrossEntropy loss
        && data.hasClasses()
        && !loss.classWeights().isEmpty()) {
      weigh(targets);
    }
    if (options.mixup() > 0) {
      mix(inputs, targets, random(epoch, order.length + from));
    }
  }

  private void target(int index, float[] targets, int at) {
    if (!data.hasTargets()) {
      return;
    }
    if (!data.hasClasses()) {
      System.arraycopy(data.targets(), index * targetSize, targets, at, targetSize);
      return;
    }
    Loss.CrossEntropy loss =
        options.loss() instanceof Loss.CrossEntropy given
            ? given
            : (Loss.CrossEntropy) Loss.crossEntropy();
    int label = data.classes()[index];
    float weight = loss.classWeights().isEmpty() ? 1 : loss.classWeights().get(label).floatValue();
    for (int i = 0; i < targetSize; i++) {
      double own = i == label ? 1 - loss.smoothing() : 0;
      targets[at + i] = weight * (float) (own + loss.smoothing() / targetSize);
    }
  }

  /** Divides by the mean weight, so that the loss is a weighted mean. */
  private void weigh(float[] targets) {
    double sum = 0;
    for (float target : targets) {
      sum += target;
    }
    float factor = sum == 0 ? 0 : (float) (batch / sum);
    for (int i = 0; i < targets.length; i++) {
      targets[i] *= factor;
    }
  }

  /** Mixes each sample with the one at the same distance from the other end of the batch. */
  private void mix(float[] inputs, float[] targets, SplittableRandom random) {
    float share = (float) beta(options.mixup(), random);
    mixRows(inputs, data.sampleSize(), share);
    mixRows(targets, targetSize, share);
  }

  private void mixRows(float[] rows, int size, float share) {
    for (int i = 0; i < batch / 2; i++) {
      int one = i * size;
      int two = (batch - 1 - i) * size;
      for (int j = 0; j < size; j++) {
        float a = rows[one + j];
        float b = rows[two + j];
        rows[one + j] = share * a + (1 - share) * b;
        rows[two + j] = share * b + (1 - share) * a;
      }
    }
  }

  /** Draws from the symmetric Beta distribution (Jöhnk 1964). */
  private static double beta(double shape, SplittableRandom random) {
    while (true) {
      double a = Math.pow(random.nextDouble(), 1 / shape);
      double b = Math.pow(random.nextDouble(), 1 / shape);
      if (a + b > 0 && a + b <= 1) {
        return a / (a + b);
      }
    }
  }
}
