package dev.tinytitan.edge.learn;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.quantize.QuantizationOptions;
import dev.tinytitan.compress.quantize.Quantizer;
import dev.tinytitan.compress.quantize.Scheme;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.zoo.Zoo;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Small problems: signals of two channels, one period of a wave whose shape is the class, and a
 * person who turns and scales them. Models for them train in about a second.
 */
final class Clouds {
  static final int CHANNELS = 2;
  static final int LENGTH = 16;

  private final SplittableRandom random;
  private final double turn;
  private final double scale;

  /**
   * @param turn by which angle the person's signals are turned between the channels
   * @param scale how strong the person's signals are
   */
  Clouds(long seed, double turn, double scale) {
    this.random = new SplittableRandom(seed);
    this.turn = turn;
    this.scale = scale;
  }

  /** A signal of a class, [1, 2, 16]. */
  Tensor sample(int label) {
    float[] values = new float[CHANNELS * LENGTH];
    double phase = random.nextDouble(2 * Math.PI);
    for (int i = 0; i < LENGTH; i++) {
      double at = 2 * Math.PI * i / LENGTH + phase;
      double a = Math.sin((1 + label / 2) * at) + 0.2 * random.nextGaussian();
      double b = (label % 2 == 0 ? 1 : -1) * (0.5 + 0.3 * Math.cos(at));
      values[i] = (float) (scale * (Math.cos(turn) * a - Math.sin(turn) * b));
      values[LENGTH + i] = (float) (scale * (Math.sin(turn) * a + Math.cos(turn) * b));
    }
    return Tensor.of(values, 1, CHANNELS, LENGTH);
  }

  /** Labelled signals, classes in turn. */
  Dataset dataset(int size, int classes) {
    float[] all = new float[size * CHANNELS * LENGTH];
    long[] labels = new long[size];
    for (int i = 0; i < size; i++) {
      labels[i] = i % classes;
      float[] one = sample(i % classes).floatArray();
      System.arraycopy(one, 0, all, i * one.length, one.length);
    }
    return Dataset.of(Tensor.of(all, size, CHANNELS, LENGTH), Tensor.of(labels, size));
  }

  /** A convolutional classifier of signals that nobody turned. */
  static Model trained(int classes) {
    Dataset data = new Clouds(1, 0, 1).dataset(400, classes);
    Model fresh =
        Zoo.build("cnn-1d", new Zoo.Task(Shape.of(CHANNELS, LENGTH), classes, true, 0, 1), 1);
    TrainingOptions options =
        TrainingOptions.of(Loss.crossEntropy())
            .withOptimizer(Optimizer.adamW(5e-3))
            .withEpochs(6)
            .withThreads(1);
    try (Trainer trainer = Trainer.of(fresh, options)) {
      return trainer.fit(TrainingData.of(data), Optional.empty(), TrainingListener.SILENT).model();
    }
  }

  /** The same in integers. */
  static Model quantized(Model model, int classes) {
    Samples samples =
        Samples.of(new Clouds(2, 0, 1).dataset(60, classes), model.inputs().getFirst().name());
    return new Quantizer(QuantizationOptions.of(Scheme.INT8)).quantize(model, samples).model();
  }

  /** What share of new samples a learner gets right. */
  double accuracy(Learner learner, int classes, int count) {
    int right = 0;
    for (int i = 0; i < count; i++) {
      right += learner.classify(sample(i % classes)) == i % classes ? 1 : 0;
    }
    return right / (double) count;
  }
}
