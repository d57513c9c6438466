package dev.tinytitan.bench.cases;

import dev.tinytitan.data.Npz;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Augmentation;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingOptions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Which fault a ball bearing has, from its vibration (CWRU): on the last part of each recording,
 * and on a load of the motor that the network has not seen. The first layer's filters are wide, as
 * in the networks that Zhang et al. (2017) found to stand other loads.
 */
final class Bearing implements DataCase {
  private static final int LENGTH = 1024;
  private static final int CLASSES = 10;
  private static final double LAST = 0.25;

  @Override
  public String name() {
    return "bearing";
  }

  @Override
  public String folder() {
    return "cwru_bearing";
  }

  @Override
  public Measure measure() {
    return Measure.ACCURACY;
  }

  @Override
  public double target() {
    return 0.98;
  }

  @Override
  public Recordings read(Path file) {
    Map<String, Tensor> arrays = Npz.read(file);
    float[] samples = arrays.get("x").toFloatArray();
    int[] classes = arrays.get("y").toIntArray();
    int[] loads = arrays.get("load").toIntArray();
    long[] recordings = new long[classes.length];
    for (int i = 0; i < recordings.length; i++) {
      recordings[i] = 10L * classes[i] + loads[i];
    }
    TrainingData data =
        new TrainingData(classes.length, samples, LENGTH, classes, new float[0]);
    return new Recordings(data, Shape.of(1, LENGTH), recordings, CLASSES);
  }

  @Override
  public Map<String, int[]> heldBack(Recordings recordings, long seed) {
    long[] groups = recordings.groups();
    Map<Long, int[]> extents = new LinkedHashMap<>();
    for (int i = 0; i < groups.length; i++) {
      int index = i;
      extents.computeIfAbsent(groups[i], key -> new int[] {index, index})[1] = i;
    }
    int[] last =
        IntStream.range(0, groups.length)
            .filter(i -> {
              int[] extent = extents.get(groups[i]);
              return i > extent[1] - LAST * (extent[1] - extent[0] + 1);
            })
            .toArray();
    int[] load = IntStream.range(0, groups.length).filter(i -> groups[i] % 10 == 1).toArray();
    Map<String, int[]> folds = new LinkedHashMap<>();
    folds.put("last parts", last);
    folds.put("other load", load);
    return folds;
  }

  @Override
  public Layer network(Layer input, int outputs) {
    Layer x = input.conv(16, 64, 8).batchNorm().relu().maxPool(2);
    x = x.conv(32, 3, 1).batchNorm().relu().maxPool(2);
    x = x.conv(48, 3, 1).batchNorm().relu().maxPool(2);
    return x.globalAveragePool().dropout(0.3).dense(outputs);
  }

  @Override
  public TrainingOptions training(Recordings recordings, int[] train) {
    Augmentation changes =
        Augmentation.all(List.of(Augmentation.shift(100), Augmentation.noise(0.02)));
    return TrainingOptions.of(new Loss.CrossEntropy(0.1, List.of()))
        .withOptimizer(Optimizer.adamW(2e-3).withWeightDecay(0.05))
        .withEpochs(40)
        .withBatch(32)
        .withMixup(0.2)
        .withAveraging(0.998)
        .withAugmentation(changes);
  }
}
