package dev.tinytitan.bench.cases;

import dev.tinytitan.data.Npz;
import dev.tinytitan.data.Split;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Augmentation;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How many flights an engine has left, from its sensors over the last 30 (C-MAPSS FD001), on
 * engines that the network has not seen. As usual for this set, sensors that never change are left
 * out, and more than 125 flights count as 125 (Heimes 2008).
 */
final class Turbofan implements DataCase {
  private static final int COLUMNS = 26;
  private static final int WINDOW = 30;
  private static final float MOST = 125;

  /** The columns of the sensors that change. */
  private static final int[] SENSORS = {6, 7, 8, 11, 12, 13, 15, 16, 17, 18, 19, 21, 24, 25};

  @Override
  public String name() {
    return "turbofan";
  }

  @Override
  public String folder() {
    return "cmapss_fd001";
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
  public Recordings read(Path file) {
    float[] rows = Npz.read(file).get("x").toFloatArray();
    int count = rows.length / COLUMNS;
    List<Integer> ends = new ArrayList<>();
    int[] last = new int[count];
    for (int row = count - 1; row >= 0; row--) {
      boolean same = row + 1 < count && rows[row * COLUMNS] == rows[(row + 1) * COLUMNS];
      last[row] = same ? last[row + 1] : row;
    }
    for (int row = WINDOW - 1; row < count; row++) {
      if (rows[row * COLUMNS] == rows[(row - WINDOW + 1) * COLUMNS]) {
        ends.add(row);
      }
    }
    int size = SENSORS.length * WINDOW;
    float[] samples = new float[ends.size() * size];
    float[] left = new float[ends.size()];
    long[] engines = new long[ends.size()];
    for (int i = 0; i < left.length; i++) {
      int end = ends.get(i);
      engines[i] = (long) rows[end * COLUMNS];
      left[i] = Math.min(MOST, last[end] - end) / MOST;
      for (int sensor = 0; sensor < SENSORS.length; sensor++) {
        for (int j = 0; j < WINDOW; j++) {
          samples[i * size + sensor * WINDOW + j] =
              rows[(end - WINDOW + 1 + j) * COLUMNS + SENSORS[sensor]];
        }
      }
    }
    TrainingData data = new TrainingData(left.length, samples, size, new int[0], left);
    return new Recordings(data, Shape.of(SENSORS.length, WINDOW), engines, 1);
  }

  @Override
  public Map<String, int[]> heldBack(Recordings recordings, long seed) {
    return Map.of("other engines", Split.of(recordings.groups(), 0.2, seed).heldBack());
  }

  @Override
  public Layer network(Layer input, int outputs) {
    Layer x = input.conv(32, 5, 1).batchNorm().relu();
    x = x.conv(32, 5, 1).batchNorm().relu().maxPool(2);
    x = x.conv(48, 3, 1).batchNorm().relu();
    return x.globalAveragePool().dropout(0.2).dense(32).relu().dense(outputs);
  }

  @Override
  public TrainingOptions training(Recordings recordings, int[] train) {
    return TrainingOptions.of(new Loss.Huber(0.2))
        .withOptimizer(Optimizer.adamW(2e-3).withWeightDecay(0.05))
        .withEpochs(12)
        .withBatch(64)
        .withAveraging(0.998)
        .withAugmentation(Augmentation.noise(0.1));
  }
}
