package dev.tinytitan.bench.cases;

import dev.tinytitan.data.Split;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.TrainingOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Kinds of heart beats, on patients that the network has not seen (MIT-BIH; the classes of AAMI
 * EC57).
 */
final class Ecg implements DataCase {
  private static final int LENGTH = 128;
  private static final int CLASSES = 4;

  @Override
  public String name() {
    return "ecg";
  }

  @Override
  public String folder() {
    return "mitbih";
  }

  @Override
  public String set() {
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
