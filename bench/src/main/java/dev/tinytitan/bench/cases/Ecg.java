package dev.tinytitan.bench.cases;

import dev.tinytitan.data.Split;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Kinds of heart beats, on patients that the network has not seen (MIT-BIH; the classes of AAMI
 * EC57). Beside the curve the network reads how it differs from the patient's usual beat (the
 * median, for which no label is needed), and when the beats before and after came, in units of the
 * patient's usual interval: early beats look normal but for that. How restless the rhythm is around
 * a beat says whether an early one means anything: in atrial fibrillation every other beat is
 * early.
 */
final class Ecg implements DataCase {
  private static final int LENGTH = 128;
  private static final int CHANNELS = 6;
  private static final int CLASSES = 4;

  /** Beats over which the local rhythm is taken. */
  private static final int LOCAL = 10;

  /** Beats before and after one, over which the unrest of the rhythm is taken. */
  private static final int AROUND = 16;

  /** Brings the unrest to the size of the other channels. */
  private static final double UNREST_SCALE = 4;

  private static final float UNITS_OF_A_MILLIVOLT = 200;

  @Override
  public String name() {
    return "ecg";
  }

  @Override
  public String folder() {
    return "mitbih";
  }

  @Override
  public Measure measure() {
    return Measure.MACRO_F1;
  }

  @Override
  public double target() {
    return 0.55;
  }

  @Override
  public Recordings read(Path file) {
    Columns columns = Columns.read(file);
    float[] curves = columns.floats("x");
    float[] intervals = columns.floats("rr");
    long[] records = Arrays.stream(columns.ints("record")).asLongStream().toArray();
    int[] classes = columns.ints("y");
    int count = records.length;
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
    TrainingData data = new TrainingData(count, samples, CHANNELS * LENGTH, classes, new float[0]);
    return new Recordings(data, Shape.of(CHANNELS, LENGTH), records, CLASSES);
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

  @Override
  public List<Fold> folds(Recordings recordings, long seed) {
    return List.of(Fold.of("other patients", Split.of(recordings.groups(), 0.25, seed).heldBack()));
  }

  @Override
  public Layer network(Layer input, int outputs) {
    Layer x = input.conv(16, 9, 2).batchNorm().relu();
    for (int filters : new int[] {16, 24, 32}) {
      x = x.conv(filters, 5, 1).batchNorm().relu().maxPool(2);
    }
    return x.globalAveragePool().dropout(0.4).dense(outputs);
  }

  /** The curves a little earlier or later, stronger or weaker; the intervals stay. */
  private static void moved(float[] sample, Shape shape, RandomGenerator random) {
    int shift = random.nextInt(-3, 4);
    float factor = (float) Math.exp(0.15 * random.nextGaussian());
    for (int channel = 0; channel < 2; channel++) {
      float[] curve = Arrays.copyOfRange(sample, channel * LENGTH, (channel + 1) * LENGTH);
      for (int i = 0; i < LENGTH; i++) {
        sample[channel * LENGTH + i] = factor * curve[Math.clamp(i + shift, 0, LENGTH - 1)];
      }
    }
  }

  /** The rare classes count more, as the fourth root of how rare they are, squared. */
  @Override
  public TrainingOptions training(Recordings recordings, int[] train) {
    double[] counts = new double[CLASSES];
    for (int sample : train) {
      counts[recordings.data().classes()[sample]]++;
    }
    List<Double> weights = new ArrayList<>();
    for (double count : counts) {
      weights.add(Math.sqrt(train.length / (CLASSES * Math.max(1, count))));
    }
    return TrainingOptions.of(new Loss.CrossEntropy(0.1, weights))
        .withOptimizer(Optimizer.adamW(2e-3).withWeightDecay(0.1))
        .withEpochs(8)
        .withMixup(0.2)
        .withBatch(64)
        .withAveraging(0.999)
        .withAugmentation(Ecg::moved);
  }
}
