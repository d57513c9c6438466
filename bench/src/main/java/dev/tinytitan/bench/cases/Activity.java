package dev.tinytitan.bench.cases;

import dev.tinytitan.data.Split;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.Augmentation;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.TrainingOptions;
import java.util.List;
import java.util.random.RandomGenerator;

/** What a person does, from the acceleration of the wrist, on people not seen (WISDM). */
final class Activity implements DataCase {
  private static final int AXES = 3;

  /** By how much watches are turned at most, in radians. */
  private static final double MOST_ANGLE = 0.8;

  @Override
  public String name() {
    return "activity";
  }

  @Override
  public String folder() {
    return "wisdm_watch";
  }

  @Override
  public String set() {
    return "wisdm";
  }

  @Override
  public Measure measure() {
    return Measure.ACCURACY;
  }

  @Override
  public double target() {
    return 0.85;
  }

  @Override
  public List<Fold> folds(Recordings recordings, long seed) {
    return List.of(Fold.of("other people", Split.of(recordings.groups(), 0.25, seed).heldBack()));
  }

  @Override
  public Layer network(Layer input, int outputs) {
    Layer x = input.conv(32, 7, 1).batchNorm().relu().maxPool(2);
    x = x.conv(48, 5, 1).batchNorm().relu().maxPool(2);
    x = x.conv(64, 5, 1).batchNorm().relu().maxPool(2);
    x = x.conv(64, 3, 1).batchNorm().relu();
    return x.globalAveragePool().dropout(0.4).dense(outputs);
  }

  /** A watch that sits otherwise on the wrist: turned about a random axis (Um et al. 2017). */
  private static void worn(float[] sample, Shape shape, RandomGenerator random) {
    int length = shape.dim(-1);
    double[] axis = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
    double norm = Math.sqrt(axis[0] * axis[0] + axis[1] * axis[1] + axis[2] * axis[2]);
    double angle = MOST_ANGLE * (2 * random.nextDouble() - 1);
    double cos = Math.cos(angle);
    double sin = Math.sin(angle);
    double x = axis[0] / norm;
    double y = axis[1] / norm;
    double z = axis[2] / norm;
    double scale = 1 + 0.1 * random.nextGaussian();
    double[][] turn = {
      {cos + x * x * (1 - cos), x * y * (1 - cos) - z * sin, x * z * (1 - cos) + y * sin},
      {y * x * (1 - cos) + z * sin, cos + y * y * (1 - cos), y * z * (1 - cos) - x * sin},
      {z * x * (1 - cos) - y * sin, z * y * (1 - cos) + x * sin, cos + z * z * (1 - cos)}
    };
    for (int i = 0; i < length; i++) {
      double a = sample[i];
      double b = sample[length + i];
      double c = sample[2 * length + i];
      for (int row = 0; row < AXES; row++) {
        sample[row * length + i] =
            (float) (scale * (turn[row][0] * a + turn[row][1] * b + turn[row][2] * c));
      }
    }
  }

  /** Every other time the axis along the arm points the other way: the watch on the other wrist. */
  private static void mirrored(float[] sample, Shape shape, RandomGenerator random) {
    if (random.nextBoolean()) {
      for (int i = 0; i < shape.dim(-1); i++) {
        sample[i] = -sample[i];
      }
    }
  }

  /**
   * People move faster or slower: time is stretched about the middle, and goes back at the ends.
   */
  private static void faster(float[] sample, Shape shape, RandomGenerator random) {
    int length = shape.dim(-1);
    double speed = Math.exp(0.1 * random.nextGaussian());
    float[] from = sample.clone();
    for (int i = 0; i < length; i++) {
      double at = Math.abs(length / 2.0 + (i - length / 2.0) * speed);
      at = at > length - 1 ? 2 * (length - 1) - at : at;
      int before = (int) Math.clamp(at, 0, length - 2);
      float part = (float) (at - before);
      for (int axis = 0; axis < AXES; axis++) {
        int place = axis * length + before;
        sample[axis * length + i] = from[place] * (1 - part) + from[place + 1] * part;
      }
    }
  }

  @Override
  public TrainingOptions training(Recordings recordings, int[] train) {
    Augmentation changes =
        Augmentation.all(
            List.of(
                Activity::mirrored, Activity::worn, Activity::faster, Augmentation.noise(0.03)));
    return TrainingOptions.of(new Loss.CrossEntropy(0.1, List.of()))
        .withOptimizer(Optimizer.adamW(2e-3).withWeightDecay(0.05))
        .withEpochs(40)
        .withBatch(64)
        .withMixup(0.2)
        .withAveraging(0.998)
        .withAugmentation(changes);
  }
}
