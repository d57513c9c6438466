package dev.tinytitan.bench.cases;

import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.TrainingOptions;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Which fault a ball bearing has, from its vibration (CWRU): on the last part of each recording,
 * and on a load of the motor that the network has not seen. It reads bands of short frames, since
 * which frequencies ring tells the fault at any load.
 */
final class Bearing implements DataCase {
  private static final double LAST = 0.25;

  /** Groups of a recording: numbers of recordings are those of groups by this. */
  private static final int PARTS = 16;

  @Override
  public String name() {
    return "bearing";
  }

  @Override
  public String folder() {
    return "cwru_bearing";
  }

  @Override
  public String set() {
    return "cwru";
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
  public List<Fold> folds(Recordings recordings, long seed) {
    long[] groups = Arrays.stream(recordings.groups()).map(group -> group / PARTS).toArray();
    Map<Long, int[]> extents = new LinkedHashMap<>();
    for (int i = 0; i < groups.length; i++) {
      int index = i;
      extents.computeIfAbsent(groups[i], key -> new int[] {index, index})[1] = i;
    }
    int[] last =
        IntStream.range(0, groups.length)
            .filter(i -> {
              int[] extent = Objects.requireNonNull(extents.get(groups[i]));
              return i > extent[1] - LAST * (extent[1] - extent[0] + 1);
            })
            .toArray();
    int[] load = IntStream.range(0, groups.length).filter(i -> groups[i] % 10 == 1).toArray();
    return List.of(
        Fold.of("last parts", last),
        Fold.of("other load", load),
        new Fold("other load, kind of fault", load, label -> (label + 2) / 3));
  }

  /** Other loads shake harder or softer, and shift weight between low and high bands. */
  private static void otherwise(float[] sample, Shape shape, RandomGenerator random) {
    int bands = shape.dim(1);
    int frames = shape.dim(2);
    double louder = 0.2 * random.nextGaussian();
    double brighter = 0.15 * random.nextGaussian();
    for (int i = 0; i < sample.length; i++) {
      int band = i / frames;
      double place = (double) band / bands - 0.5;
      sample[i] += (float) (louder + brighter * place + 0.15 * random.nextGaussian());
    }
  }

  @Override
  public Layer network(Layer input, int outputs) {
    Layer x = input.conv(16, 3, 1).batchNorm().relu();
    for (int filters : new int[] {32, 48, 64}) {
      x = x.conv(filters, 3, 2).batchNorm().relu();
    }
    return x.globalAveragePool().dropout(0.3).dense(outputs);
  }

  @Override
  public TrainingOptions training(Recordings recordings, int[] train) {
    return TrainingOptions.of(new Loss.CrossEntropy(0.1, List.of()))
        .withOptimizer(Optimizer.adamW(2e-3).withWeightDecay(0.05))
        .withEpochs(25)
        .withBatch(32)
        .withMixup(0.2)
        .withAveraging(0.998)
        .withAugmentation(Bearing::otherwise);
  }
}
