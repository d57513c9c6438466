package dev.tinytitan.compress.distill;

import dev.tinytitan.Model;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Network;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import java.util.Optional;
import java.util.Random;

/** Small noisy images, bright in one of their three parts, and networks for them. */
final class Halves {
  static final int CLASSES = 3;
  private static final int SIDE = 8;

  private Halves() {}

  static TrainingData data(int size, long seed) {
    Random random = new Random(seed);
    float[] samples = new float[size * SIDE * SIDE];
    int[] classes = new int[size];
    for (int i = 0; i < size; i++) {
      classes[i] = random.nextInt(CLASSES);
      for (int j = 0; j < SIDE * SIDE; j++) {
        boolean bright = j % SIDE / 3 == classes[i];
        samples[i * SIDE * SIDE + j] = (float) ((bright ? 1 : 0) + random.nextGaussian());
      }
    }
    return new TrainingData(size, samples, SIDE * SIDE, classes, new float[0]);
  }

  static Model network(String name, int filters, long seed) {
    Network network = new Network(name, seed);
    Layer x = network.input(1, SIDE, SIDE).conv(filters, 3, 1).batchNorm().relu();
    x = x.maxPool(2).conv(2 * filters, 3, 1).batchNorm().relu();
    return network.classifier(x.globalAveragePool().dense(CLASSES));
  }

  static TrainingOptions training() {
    return TrainingOptions.of(Loss.crossEntropy())
        .withBatch(16)
        .withEpochs(8)
        .withOptimizer(Optimizer.adamW(8e-3))
        .withThreads(1);
  }

  static Model teacher() {
    try (Trainer trainer = Trainer.of(network("teacher", 16, 3), training())) {
      return trainer.fit(data(320, 1), Optional.empty(), TrainingListener.SILENT).model();
    }
  }
}
