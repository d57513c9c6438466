package dev.tinytitan.bench.cases;

import dev.tinytitan.data.Split;
import dev.tinytitan.train.Augmentation;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.TrainingOptions;
import java.util.List;

/**
 * How many flights an engine has left, from its sensors over the last 48 (C-MAPSS FD001), on
 * engines that the network has not seen. As usual for this set, sensors that never change are left
 * out, and more than 125 flights count as 125 (Heimes 2008).
 */
final class Turbofan implements DataCase {
  private static final double MOST = 125;

  @Override
  public String name() {
    return "turbofan";
  }

  @Override
  public String folder() {
    return "cmapss_fd001";
  }

  @Override
  public String set() {
    return "cmapss";
  }

  @Override
  public Measure measure() {
    return Measure.RMSE;
  }

  @Override
  public double target() {
    return 15;
  }

  @Override
  public double unit() {
    return MOST;
  }

  @Override
  public List<Fold> folds(Recordings recordings, long seed) {
    return List.of(Fold.of("other engines", Split.of(recordings.groups(), 0.2, seed).heldBack()));
  }

  @Override
  public Layer network(Layer input, int outputs) {
    Layer x = input.conv(32, 5, 1).batchNorm().relu();
    x = x.conv(32, 5, 1).batchNorm().relu().maxPool(2);
    x = x.conv(16, 3, 1).batchNorm().relu();
    return x.flatten().dropout(0.3).dense(48).relu().dense(outputs);
  }

  @Override
  public TrainingOptions training(Recordings recordings, int[] train) {
    return TrainingOptions.of(Loss.meanSquaredError())
        .withOptimizer(Optimizer.adamW(2e-3).withWeightDecay(0.05))
        .withEpochs(20)
        .withBatch(64)
        .withAveraging(0.998)
        .withAugmentation(Augmentation.noise(0.2));
  }
}
