package dev.tinytitan.bench.training;

import dev.tinytitan.train.TrainingData;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Samples a second in training, beside PyTorch through DJL: the same networks, batches and
 * optimizer (SGD with momentum) on two threads, taking turns within one run. The ratio is that of
 * the medians; above 1 we are faster.
 *
 * <p>Needs the profile {@code pytorch} (see docs/results.md). Arguments: the seconds that each
 * network takes (default 20), and names of networks (default all).
 */
public final class TrainingSpeed {
  static final int BATCH = 32;
  static final int THREADS = 2;
  static final double LEARNING_RATE = 0.001;
  static final double MOMENTUM = 0.9;

  private static final int CLASSES = 10;
  private static final int BATCHES = 16;

  /**
   * A network.
   *
   * @param sample the shape of a sample
   * @param steps of one turn
   */
  private record Case(String name, List<Integer> sample, int steps) {}

  private static final List<Case> CASES =
      List.of(
          new Case("resnet8", List.of(3, 32, 32), 10),
          new Case("cnn-1d", List.of(1, 256), 40),
          new Case("lenet5", List.of(1, 28, 28), 20));

  private TrainingSpeed() {}

  /** Trains and prints; see the class. */
  public static void main(String[] args) {
    System.setProperty(PyTorchContender.THREADS, String.valueOf(THREADS));
    System.setProperty("ai.djl.offline", "true");
    double seconds = args.length > 0 ? Double.parseDouble(args[0]) : 20;
    List<String> names = Arrays.asList(args).subList(Math.min(1, args.length), args.length);
    System.out.println("| network | ours, samples/s | PyTorch, samples/s | ratio |");
    System.out.println("|---|---:|---:|---:|");
    for (Case each : CASES) {
      if (names.isEmpty() || names.contains(each.name())) {
        measure(each, seconds);
      }
    }
  }

  private static void measure(Case each, double seconds) {
    int[] sample = each.sample().stream().mapToInt(Integer::intValue).toArray();
    TrainingData data = data(sample);
    try (TrainingContender own = new OwnContender(each.name(), data, sample, CLASSES);
        TrainingContender other = new PyTorchContender(each.name(), data, sample, CLASSES)) {
      long start = System.nanoTime();
      double[] ours = new double[10_000];
      double[] theirs = new double[10_000];
      int turns = 0;
      // A third of the time is for the JIT compiler and for PyTorch's caches.
      int counted = 0;
      while ((System.nanoTime() - start) / 1e9 < seconds && turns < ours.length) {
        ours[turns] = own.samplesPerSecond(each.steps());
        theirs[turns] = other.samplesPerSecond(each.steps());
        turns++;
        if ((System.nanoTime() - start) / 1e9 < seconds / 3) {
          counted = turns;
        }
      }
      double mine = median(ours, counted, turns);
      double peer = median(theirs, counted, turns);
      System.out.printf(
          Locale.ROOT, "| %s | %.0f | %.0f | %.2f |%n", each.name(), mine, peer, mine / peer);
    }
  }

  private static double median(double[] values, int from, int to) {
    double[] part = Arrays.copyOfRange(values, from, to);
    Arrays.sort(part);
    return part[part.length / 2];
  }

  /** Noise, of which each class has a mean of its own, so that there is something to learn. */
  private static TrainingData data(int[] sample) {
    int each = Arrays.stream(sample).reduce(1, (a, b) -> a * b);
    int size = BATCHES * BATCH;
    SplittableRandom random = new SplittableRandom(1);
    float[] samples = new float[size * each];
    int[] classes = new int[size];
    for (int i = 0; i < size; i++) {
      classes[i] = random.nextInt(CLASSES);
      for (int j = 0; j < each; j++) {
        samples[i * each + j] = (float) (random.nextGaussian() + 0.1 * (classes[i] - CLASSES / 2));
      }
    }
    return new TrainingData(size, samples, each, classes, new float[0]);
  }
}
