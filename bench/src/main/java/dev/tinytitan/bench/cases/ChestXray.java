package dev.tinytitan.bench.cases;

import dev.tinytitan.data.Split;
import dev.tinytitan.train.Augmentation;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.TrainingOptions;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Pneumonia on chest X-rays (PneumoniaMNIST), on the set's own validation images. */
final class ChestXray implements DataCase {

  /** Added to the groups of the set's own validation images. */
  private static final long VALIDATION = 1L << 32;

  @Override
  public String name() {
    return "x-ray";
  }

  @Override
  public String folder() {
    return "pneumoniamnist";
  }

  @Override
  public String set() {
    return "pneumoniamnist";
  }

  @Override
  public Measure measure() {
    return Measure.ACCURACY;
  }

  @Override
  public double target() {
    return 0.94;
  }

  @Override
  public List<Fold> folds(Recordings recordings, long seed) {
    long[] groups = recordings.groups();
    int[] own = IntStream.range(0, groups.length).filter(i -> groups[i] >= VALIDATION).toArray();
    return own.length > 0
        ? List.of(Fold.of("validation", own))
        : List.of(Fold.of("other images", Split.of(groups, 0.1, seed).heldBack()));
  }

  @Override
  public Layer network(Layer input, int outputs) {
    Layer x = input.conv(16, 3, 1).batchNorm().relu();
    for (int filters : new int[] {24, 32, 48}) {
      x = x.conv(filters, 3, 2).batchNorm().relu();
    }
    return x.globalAveragePool().dropout(0.3).dense(outputs);
  }

  /** The rarer class counts more: elsewhere there are other shares of healthy lungs. */
  @Override
  public TrainingOptions training(Recordings recordings, int[] train) {
    int ill = Arrays.stream(train).map(sample -> recordings.data().classes()[sample]).sum();
    List<Double> weights =
        List.of(
            Math.sqrt(train.length / (2.0 * (train.length - ill))),
            Math.sqrt(train.length / (2.0 * ill)));
    Augmentation changes = Augmentation.all(List.of(Augmentation.shift(2), Augmentation.flip()));
    return TrainingOptions.of(new Loss.CrossEntropy(0.1, weights))
        .withOptimizer(Optimizer.adamW(2e-3).withWeightDecay(0.05))
        .withEpochs(25)
        .withBatch(32)
        .withMixup(0.2)
        .withAveraging(0.998)
        .withAugmentation(changes);
  }
}
