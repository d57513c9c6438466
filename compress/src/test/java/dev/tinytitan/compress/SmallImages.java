package dev.tinytitan.compress;

import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.data.DatasetOptions;
import dev.tinytitan.data.ImageLayout;
import dev.tinytitan.train.Evaluation;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Network;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;

/** A small network and images of four classes, which it learns in a few seconds. */
public final class SmallImages {
  private static final DatasetOptions SMALL =
      DatasetOptions.DEFAULT.withImage(ImageLayout.of(1, 12, 12).scaled());

  public final TrainingData train;
  public final TrainingData test;
  public final Samples samples;

  public SmallImages() {
    try (Dataset images = Dataset.open(Path.of("synthetic:images:700"), SMALL)) {
      TrainingData all = TrainingData.of(images);
      train = all.select(IntStream.range(0, 500).toArray());
      test = all.select(IntStream.range(500, 700).toArray());
      samples = Samples.of(images.inMemory(), "input").first(64);
    }
  }

  /**
   * Two convolutions with normalization around a residual, one more, and a layer to the classes.
   */
  public static Model network() {
    Network network = new Network("small", 3);
    Layer x = network.input(1, 12, 12).conv(8, 3, 1).batchNorm().relu();
    Layer y = x.conv(8, 3, 1).batchNorm().add(x).relu().maxPool(2).conv(16, 3, 1).relu();
    return network.classifier(y.flatten().dense(4));
  }

  public static TrainingOptions options(int epochs) {
    return TrainingOptions.of(Loss.crossEntropy())
        .withBatch(20)
        .withEpochs(epochs)
        .withOptimizer(Optimizer.adamW(3e-3))
        .withThreads(1);
  }

  /** The network, trained. */
  public Model learned(int epochs) {
    try (Trainer trainer = Trainer.of(network(), options(epochs))) {
      return trainer.fit(train, Optional.empty(), TrainingListener.SILENT).model();
    }
  }

  public FineTuning training(int epochs) {
    return FineTuning.of(options(epochs), train, Optional.empty(), TrainingListener.SILENT);
  }

  /** The share of right answers on images that nothing was trained with. */
  public double accuracy(Model model) {
    return Evaluation.score(model, test, SessionOptions.defaults());
  }
}
