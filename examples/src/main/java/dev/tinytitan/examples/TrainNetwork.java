package dev.tinytitan.examples;

import dev.tinytitan.Model;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.data.Split;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.Augmentation;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Network;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.TrainingResult;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** A network of one's own, trained on vibration; the result is an ONNX model. */
public final class TrainNetwork {
  private TrainNetwork() {}

  /** Trains, prints how often the last epoch was right on other machines, and saves the model. */
  public static void main(String[] args) {
    TrainingResult result = train(Path.of("synthetic:vibration"), 8);
    System.out.printf(
        Locale.ROOT,
        "%.1f %% on machines that were held back%n",
        100 * result.history().getLast().score());
    if (args.length > 0) {
      result.model().save(Path.of(args[0]));
    }
  }

  /** Two convolutions with a shortcut around the second. */
  static Model network(Shape signal, int classes) {
    Network network = new Network("vibration", 1);
    Layer x = network.input(signal.toArray());
    x = x.conv(16, 9, 4).batchNorm().relu();
    x = x.add(x.conv(16, 5, 1).batchNorm().relu());
    return network.classifier(x.globalAveragePool().dropout(0.1).dense(classes));
  }

  static TrainingResult train(Path signals, int epochs) {
    try (Dataset data = Dataset.open(signals)) {
      TrainingData all = TrainingData.of(data);
      Split split = Split.of(data, 0.25, 1); // Whole machines: none is on both sides.
      TrainingOptions options =
          TrainingOptions.of(Loss.crossEntropy())
              .withEpochs(epochs)
              .withOptimizer(Optimizer.adamW(3e-3).withWeightDecay(0.01))
              .withAugmentation(Augmentation.shift(32));
      Model fresh = network(Shape.of(1, all.sampleSize()), data.classNames().size());
      try (Trainer trainer = Trainer.of(fresh, options)) {
        return trainer.fit(
            all.select(split.train()),
            Optional.of(all.select(split.heldBack())),
            TrainingListener.SILENT);
      }
    }
  }
}
