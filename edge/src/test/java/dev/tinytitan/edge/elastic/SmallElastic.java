package dev.tinytitan.edge.elastic;

import dev.tinytitan.Model;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Network;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import java.util.List;
import java.util.Random;

/** A small elastic classifier of noisy bars, trained in a moment. */
final class SmallElastic {
  static final int SIZE = 8;
  static final int CLASSES = 4;

  private SmallElastic() {}

  /** A bar: across, down, or along one of the diagonals, under noise. */
  static TrainingData data(int count, long seed) {
    Random random = new Random(seed);
    float[] samples = new float[count * SIZE * SIZE];
    int[] classes = new int[count];
    for (int i = 0; i < count; i++) {
      classes[i] = random.nextInt(CLASSES);
      int at = random.nextInt(SIZE - 3) + 1;
      for (int j = 0; j < SIZE * SIZE; j++) {
        samples[i * SIZE * SIZE + j] = 0.3f * (float) random.nextGaussian();
      }
      for (int j = 1; j < SIZE - 1; j++) {
        int place =
            switch (classes[i]) {
              case 0 -> at * SIZE + j;
              case 1 -> j * SIZE + at;
              case 2 -> j * SIZE + j;
              default -> j * SIZE + (SIZE - 1 - j);
            };
        samples[i * SIZE * SIZE + place] += 1.2f;
      }
    }
    return new TrainingData(count, samples, SIZE * SIZE, classes, new float[0]);
  }

  static Model network(long seed) {
    Network network = new Network("bars", seed);
    Layer x = network.input(1, SIZE, SIZE).conv(8, 3, 1).batchNorm().relu();
    Layer y = x.conv(8, 3, 1).batchNorm().relu().conv(8, 3, 1).batchNorm();
    x = x.add(y).relu();
    x = x.conv(16, 3, 2).batchNorm().relu();
    x = x.depthwise(3, 1).batchNorm().relu().conv(16, 1, 1).batchNorm().relu();
    return network.classifier(x.globalAveragePool().dense(CLASSES));
  }

  static ElasticOptions options() {
    return ElasticOptions.defaults()
        .withWidths(List.of(1.0, 0.5, 0.25))
        .withExits(List.of(0.5))
        .withTraining(
            TrainingOptions.of(Loss.crossEntropy())
                .withOptimizer(Optimizer.adamW(6e-3))
                .withEpochs(8)
                .withThreads(1)
                .withSeed(3));
  }

  static ElasticModel train(ElasticOptions options) {
    return new ElasticTrainer(options)
        .train(network(1), data(1200, 1), data(400, 2), TrainingListener.SILENT);
  }
}
