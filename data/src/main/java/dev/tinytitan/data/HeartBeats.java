package dev.tinytitan.data;

import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * MIT-BIH, heart beats: {@code x} [n, 128] at 180 Hz, {@code rr} [n, 2] seconds to the beats before
 * and after, {@code record}, {@code y}. Samples are [6, 128]: the curve in millivolts; how it
 * differs from the patient's usual beat (the median of all of the file, for which no label is
 * needed); and, each filling a channel, when the beats before and after came, in units of the
 * patient's usual interval and of the last ten beats': early beats look normal but for that. How
 * restless the rhythm is around a beat says whether an early one means anything: in atrial
 * fibrillation every other beat is early. Groups are records. Beats of a record are to be in their
 * order, all of them in one file.
 */
final class HeartBeats implements PublicSet {
  private static final int LENGTH = 128;
  private static final int CHANNELS = 6;
  private static final List<String> CLASSES = List.of("N", "S", "V", "F");

  /** Beats over which the local rhythm is taken. */
  private static final int LOCAL = 10;

  /** Beats before and after one, over which the unrest of the rhythm is taken. */
  private static final int AROUND = 16;

  /** Brings the unrest to the size of the other channels. */
  private static final double UNREST_SCALE = 4;

  private static final float UNITS_OF_A_MILLIVOLT = 200;

  @Override
  public Dataset read(Path file) {
    NpzArrays arrays = NpzArrays.read(file);
    long[] classes = arrays.classes(CLASSES.size());
    int count = classes.length;
    float[] curves = arrays.floats("x", count, LENGTH);
    float[] intervals = arrays.floats("rr", count, 2);
    long[] records = arrays.longs("record", count);
    Map<Long, Double> usual = usualIntervals(records, intervals);
    Map<Long, float[]> beats = usualBeats(records, curves);
    float[] samples = new float[count * CHANNELS * LENGTH];
    for (int i = 0; i < count; i++) {
      double interval = Objects.requireNonNull(usual.get(records[i]));
      int from = i * CHANNELS * LENGTH;
      for (int j = 0; j < LENGTH; j++) {
        samples[from + j] = curves[i * LENGTH + j] / UNITS_OF_A_MILLIVOLT;
      }
      double before = intervals[2 * i];
      float[] shape = Objects.requireNonNull(beats.get(records[i]));
      for (int j = 0; j < LENGTH; j++) {
        samples[from + LENGTH + j] = samples[from + j] - shape[j] / UNITS_OF_A_MILLIVOLT;
      }
      fill(samples, from + 2 * LENGTH, before / interval - 1);
      fill(samples, from + 3 * LENGTH, intervals[2 * i + 1] / interval - 1);
      fill(samples, from + 4 * LENGTH, before / local(records, intervals, i) - 1);
      fill(samples, from + 5 * LENGTH, UNREST_SCALE * unrest(records, intervals, i));
    }
    return Dataset.of(
        Tensor.of(samples, count, CHANNELS, LENGTH), Tensor.of(classes), CLASSES, records);
  }

  private static void fill(float[] samples, int from, double value) {
    Arrays.fill(samples, from, from + LENGTH, (float) Math.clamp(value, -1, 2));
  }

  /** The median interval of each patient. */
  private static Map<Long, Double> usualIntervals(long[] records, float[] intervals) {
    Map<Long, List<Float>> all = new HashMap<>();
    for (int i = 0; i < records.length; i++) {
      all.computeIfAbsent(records[i], key -> new ArrayList<>()).add(intervals[2 * i]);
    }
    Map<Long, Double> medians = new HashMap<>();
    all.forEach((record, values) -> {
      values.sort(null);
      medians.put(record, Math.max(0.2, values.get(values.size() / 2)));
    });
    return medians;
  }

  /** The median of each patient's beats, place by place. */
  private static Map<Long, float[]> usualBeats(long[] records, float[] curves) {
    Map<Long, List<Integer>> beats = new HashMap<>();
    for (int i = 0; i < records.length; i++) {
      beats.computeIfAbsent(records[i], key -> new ArrayList<>()).add(i);
    }
    Map<Long, float[]> medians = new HashMap<>();
    beats.forEach((record, own) -> {
      float[] median = new float[LENGTH];
      float[] column = new float[own.size()];
      for (int j = 0; j < LENGTH; j++) {
        for (int i = 0; i < column.length; i++) {
          column[i] = curves[own.get(i) * LENGTH + j];
        }
        Arrays.sort(column);
        median[j] = column[column.length / 2];
      }
      medians.put(record, median);
    });
    return medians;
  }

  /** The mean interval of the last beats of the same patient. */
  private static double local(long[] records, float[] intervals, int index) {
    double sum = 0;
    int count = 0;
    for (int i = index; i >= 0 && i > index - LOCAL && records[i] == records[index]; i--) {
      sum += intervals[2 * i];
      count++;
    }
    return Math.max(0.2, sum / count);
  }

  /** The median change from an interval to the next, as a part of it, around a beat. */
  private static double unrest(long[] records, float[] intervals, int index) {
    int from = Math.max(1, index - AROUND);
    int to = Math.min(records.length - 1, index + AROUND);
    double[] changes =
        IntStream.rangeClosed(from, to)
            .filter(i -> records[i] == records[index] && records[i - 1] == records[index])
            .mapToDouble(i -> Math.abs(intervals[2 * i] / Math.max(0.2, intervals[2 * i - 2]) - 1))
            .sorted()
            .toArray();
    return changes.length == 0 ? 0 : changes[changes.length / 2];
  }
}
