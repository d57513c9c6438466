package dev.tinytitan.bench.cases;

import dev.tinytitan.data.Split;
import dev.tinytitan.train.Augmentation;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.TrainingOptions;
import java.util.List;

/** Spoken digits (FSDD): log-mel bands of 0.8 s, clips the network has not heard. */
final class Digits implements DataCase {
  @Override
  public String name() {
    return "digits";
  }

  @Override
  public String folder() {
    return "fsdd";
  }

  @Override
  public String set() {
    return "fsdd";
  }

  @Override
  public Measure measure() {
    return Measure.ACCURACY;
  }

  @Override
  public double target() {
    return 0.96;
  }

  @Override
  public List<Fold> folds(Recordings recordings, long seed) {
    return List.of(Fold.of("other clips", Split.of(recordings.groups(), 0.15, seed).heldBack()));
  }

  @Override
  public Layer network(Layer input, int outputs) {
    Layer x = input.conv(32, 3, 2).batchNorm().relu();
    for (int filters : new int[] {48, 64, 64}) {
      x = x.depthwise(3, filters == 48 ? 2 : 1).batchNorm().relu();
      x = x.conv(filters, 1, 1).batchNorm().relu();
    }
    return x.globalAveragePool().dropout(0.2).dense(outputs);
  }

  @Override
  public TrainingOptions training(Recordings recordings, int[] train) {
    Augmentation changes = Augmentation.all(List.of(Augmentation.shift(3), Augmentation.mask(6)));
    return TrainingOptions.of(new Loss.CrossEntropy(0.1, List.of()))
        .withOptimizer(Optimizer.adamW(3e-3))
        .withEpochs(25)
        .withBatch(32)
        .withMixup(0.2)
        .withAveraging(0.998)
        .withAugmentation(changes);
  }
}
