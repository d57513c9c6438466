package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * C-MAPSS FD001, engines run to failure: {@code x} [rows, 26] of unit, cycle, settings and sensors.
 * Samples are the 14 sensors that change over the last 48 flights, [14, 48], the first flight
 * standing for those before it; targets are the flights left, at most 125 (Heimes 2008). Groups are
 * engines.
 *
 * <p>In a file that runs to failure, each flight from an engine's twentieth on is a sample. Test
 * files end before, and say what is left in {@code rul} or {@code y}: for each engine, whose last
 * flight then is a sample, or for each row.
 */
final class Turbofans implements PublicSet {
  private static final int COLUMNS = 26;
  private static final int WINDOW = 48;
  private static final int LEAST = 20;
  private static final float MOST = 125;
  private static final List<String> LEFT = List.of("rul", "RUL", "y");

  /** The columns of the sensors that change. */
  private static final int[] SENSORS = {6, 7, 8, 11, 12, 13, 15, 16, 17, 18, 19, 21, 24, 25};

  @Override
  public Dataset read(Path file) {
    NpzArrays arrays = NpzArrays.read(file);
    int count = arrays.get("x").shape().rank() == 0 ? 0 : arrays.get("x").shape().dim(0);
    if (count == 0) {
      throw new BadDataException(file + " holds no rows.");
    }
    float[] rows = arrays.floats("x", count, COLUMNS);
    int[] first = new int[count];
    int[] last = new int[count];
    for (int row = 1; row < count; row++) {
      first[row] = rows[(row - 1) * COLUMNS] == rows[row * COLUMNS] ? first[row - 1] : row;
    }
    for (int row = count - 1; row >= 0; row--) {
      last[row] = row + 1 < count && first[row + 1] == first[row] ? last[row + 1] : row;
    }
    int[] finals = IntStream.range(0, count).filter(row -> last[row] == row).toArray();
    Optional<float[]> left =
        LEFT.stream().filter(arrays::has).findFirst().map(name -> arrays.get(name).toFloatArray());
    int[] ends;
    float[] targets;
    if (left.isEmpty()) {
      ends = IntStream.range(0, count).filter(row -> row - first[row] >= LEAST - 1).toArray();
      targets = new float[ends.length];
      for (int i = 0; i < ends.length; i++) {
        targets[i] = last[ends[i]] - ends[i];
      }
    } else if (left.get().length == finals.length) {
      ends = finals;
      targets = left.get();
    } else if (left.get().length == count) {
      ends = IntStream.range(0, count).toArray();
      targets = left.get();
    } else {
      throw new BadDataException(
          file
              + ": what is left is said "
              + left.get().length
              + " times, for "
              + finals.length
              + " engines and "
              + count
              + " rows.");
    }
    return windows(rows, first, ends, targets);
  }

  private static Dataset windows(float[] rows, int[] first, int[] ends, float[] left) {
    int size = SENSORS.length * WINDOW;
    float[] samples = new float[ends.length * size];
    float[] targets = new float[ends.length];
    long[] engines = new long[ends.length];
    for (int i = 0; i < ends.length; i++) {
      int end = ends[i];
      engines[i] = (long) rows[end * COLUMNS];
      targets[i] = Math.min(MOST, left[i]);
      for (int sensor = 0; sensor < SENSORS.length; sensor++) {
        for (int j = 0; j < WINDOW; j++) {
          int row = Math.max(first[end], end - WINDOW + 1 + j);
          samples[i * size + sensor * WINDOW + j] = rows[row * COLUMNS + SENSORS[sensor]];
        }
      }
    }
    return Dataset.of(
        Tensor.of(samples, ends.length, SENSORS.length, WINDOW),
        Tensor.of(targets, ends.length, 1),
        List.of(),
        engines);
  }
}
