package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Network;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Three clouds of points that a small network tells apart, and that network. */
final class Blobs {
  static final int CLASSES = 3;
  private static final int WIDTH = 8;

  private Blobs() {}

  /** Samples with labels, a few of them wrong. */
  static Samples samples(int size, long seed) {
    Random random = new Random(seed);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      int label = random.nextInt(CLASSES);
      samples.add(Sample.of(Map.of("input", Tensor.of(point(random, label), 1, WIDTH)), label));
    }
    return Samples.of(samples);
  }

  private static float[] point(Random random, int label) {
    float[] values = new float[WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      values[i] = (float) ((i % CLASSES == label ? 1.5 : 0) + random.nextGaussian());
    }
    return values;
  }

  /** A network of two hidden layers, trained on such samples. */
  static Model trained() {
    Network network = new Network("blobs", 1);
    Layer hidden = network.input(WIDTH).dense(48).relu().dense(32).relu();
    Model fresh = network.classifier(hidden.dense(CLASSES));
    TrainingData data =
        new SearchData(samples(900, 3), samples(1, 4), samples(1, 5)).trainingData(0, true);
    TrainingOptions options = TrainingOptions.of(Loss.crossEntropy()).withEpochs(4);
    try (Trainer trainer = Trainer.of(fresh, options)) {
      return trainer.fit(data, Optional.empty(), TrainingListener.SILENT).model();
    }
  }
}
