package dev.tinytitan.bench.cases;

import dev.tinytitan.BadDataException;
import dev.tinytitan.data.Split;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.Augmentation;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How many flights an engine has left, from its sensors over the last 48 (C-MAPSS FD001), on
 * engines that the network has not seen. As usual for this set, sensors that never change are left
 * out, and more than 125 flights count as 125 (Heimes 2008). A file with an array {@code rul}, the
 * flights left after the last row of each engine, holds engines that have not failed yet: of those
 * the last window alone is judged, as in the set's own test.
 */
final class Turbofan implements DataCase {
  private static final int COLUMNS = 26;
  private static final int WINDOW = 48;

  /** Flights after which an engine is judged; the first stands for those before it. */
  private static final int LEAST = 20;

  private static final float MOST = 125;

  /** Flights left after the last row of each engine, where it was taken out before it failed. */
  private static final String LEFT = "rul";

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
    Columns columns = Columns.read(file);
    float[] rows = columns.floats("x");
    int count = rows.length / COLUMNS;
    int[] first = new int[count];
    int[] last = new int[count];
    for (int row = 1; row < count; row++) {
      first[row] = isSameEngine(rows, row - 1, row) ? first[row - 1] : row;
    }
    for (int row = count - 1; row >= 0; row--) {
      last[row] = row + 1 < count && first[row + 1] == first[row] ? last[row + 1] : row;
    }
    boolean isCut = columns.has(LEFT);
    float[] afterwards = isCut ? columns.floats(LEFT) : new float[0];
    int[] engine = new int[count];
    for (int row = 1; row < count; row++) {
      engine[row] = engine[row - 1] + (first[row] == row ? 1 : 0);
    }
    if (isCut && afterwards.length != engine[count - 1] + 1) {
      throw new BadDataException(
          file
              + ": the array '"
              + LEFT
              + "' has "
              + afterwards.length
              + " values for "
              + (engine[count - 1] + 1)
              + " engines; it needs one for each.");
    }
    int[] ends =
        IntStream.range(0, count)
            .filter(i -> isCut ? last[i] == i : i - first[i] >= LEAST - 1)
            .toArray();
    int size = SENSORS.length * WINDOW;
    float[] samples = new float[ends.length * size];
    float[] left = new float[ends.length];
    long[] engines = new long[ends.length];
    for (int i = 0; i < ends.length; i++) {
      int end = ends[i];
      engines[i] = (long) rows[end * COLUMNS];
      float after = isCut ? afterwards[engine[end]] : 0;
      left[i] = Math.min(MOST, last[end] - end + after) / MOST;
      for (int sensor = 0; sensor < SENSORS.length; sensor++) {
        for (int j = 0; j < WINDOW; j++) {
          int row = Math.max(first[end], end - WINDOW + 1 + j);
          samples[i * size + sensor * WINDOW + j] = rows[row * COLUMNS + SENSORS[sensor]];
        }
      }
    }
    TrainingData data = new TrainingData(ends.length, samples, size, new int[0], left);
    return new Recordings(data, Shape.of(SENSORS.length, WINDOW), engines, 1);
  }

  private static boolean isSameEngine(float[] rows, int a, int b) {
    return rows[a * COLUMNS] == rows[b * COLUMNS];
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
