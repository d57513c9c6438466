package dev.tinytitan.compress.quantize;

/**
 * Looks for the range whose 256 quantized levels keep most of the distribution: the least
 * Kullback-Leibler divergence from the clipped distribution to its quantized form, as TensorRT's
 * calibration does (S. Migacz, 8-bit Inference with TensorRT, 2017), here for ranges that end where
 * the values do, be it on one side only. Values beyond the range count at its ends.
 */
final class EntropySearch {
  private static final int CANDIDATES = 128;
  private static final double NARROWEST = 0.1;

  /** What an empty bin of the quantized form weighs where the true one is not empty. */
  private static final double SMOOTHING = 1e-4;

  private final Histogram histogram;

  EntropySearch(Histogram histogram) {
    this.histogram = histogram;
  }

  Range range() {
    double lowest = Math.min(histogram.min(), 0);
    double highest = Math.max(histogram.max(), 0);
    double threshold = Math.max(-lowest, highest);
    Range best = Range.of(lowest, highest);
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < CANDIDATES; i++) {
      double limit = threshold * (1 - i * (1 - NARROWEST) / CANDIDATES);
      double low = Math.max(lowest, -limit);
      double high = Math.min(highest, limit);
      double divergence = divergence(low, high);
      if (divergence < least) {
        least = divergence;
        best = Range.of(low, high);
      }
    }
    return best;
  }

  private double divergence(double low, double high) {
    int from = 0;
    while (from < histogram.bins() - 1 && histogram.edge(from + 1) <= low) {
      from++;
    }
    int to = histogram.bins();
    while (to > from + 1 && histogram.edge(to - 1) >= high) {
      to--;
    }
    int bins = to - from;
    double[] inside = new double[bins];
    double[] clipped = new double[bins];
    for (int i = 0; i < histogram.bins(); i++) {
      if (i >= from && i < to) {
        inside[i - from] = count(i);
      }
      clipped[Math.clamp(i - from, 0, bins - 1)] += count(i);
    }
    return divergence(clipped, quantized(inside, clipped, low, high, from));
  }

  /**
   * The values in a bin. A rectifier's zeros, exact in any range, would outweigh all else: their
   * bin counts like its neighbours.
   */
  private double count(int bin) {
    if (histogram.edge(bin) > 0 || histogram.edge(bin + 1) <= 0) {
      return histogram.count(bin);
    }
    double neighbours = bin + 1 < histogram.bins() ? histogram.count(bin + 1) : 0;
    double before = bin > 0 ? histogram.count(bin - 1) : 0;
    return Math.min((double) histogram.count(bin), Math.max(neighbours, before));
  }

  /** Each level's values spread evenly over those of its bins that hold any. */
  private double[] quantized(double[] inside, double[] clipped, double low, double high, int from) {
    ActivationScale scale = ActivationScale.of(Range.of(low, high));
    int[] level = new int[inside.length];
    double[] sum = new double[ActivationScale.LEVELS];
    int[] used = new int[ActivationScale.LEVELS];
    for (int i = 0; i < inside.length; i++) {
      double steps = Math.rint(histogram.center(from + i) / scale.scale()) + scale.zeroPoint();
      level[i] = (int) Math.clamp(steps, 0, ActivationScale.LEVELS - 1);
      sum[level[i]] += inside[i];
      used[level[i]] += clipped[i] > 0 ? 1 : 0;
    }
    double[] spread = new double[inside.length];
    for (int i = 0; i < inside.length; i++) {
      spread[i] = clipped[i] > 0 ? sum[level[i]] / used[level[i]] : 0;
    }
    return spread;
  }

  private static double divergence(double[] truth, double[] model) {
    double truthTotal = 0;
    double modelTotal = 0;
    for (int i = 0; i < truth.length; i++) {
      truthTotal += truth[i];
      modelTotal += model[i];
    }
    double sum = 0;
    for (int i = 0; i < truth.length; i++) {
      if (truth[i] > 0) {
        double p = truth[i] / truthTotal;
        double q = Math.max(modelTotal > 0 ? model[i] / modelTotal : 0, SMOOTHING / truth.length);
        sum += p * Math.log(p / q);
      }
    }
    return sum;
  }
}
