package dev.tinytitan.compress.quantize;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.Codebook;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Weights that take few values: indices into a codebook, which one-dimensional k-means finds (Han
 * et al. 2016, Deep Compression). Where many weights are 0, as after pruning, 0 is one of the
 * values, so that they stay 0.
 *
 * @param values the indices: uint2, uint4 or uint8, the weights' shape
 * @param codebook float32, ascending
 */
record Clustered(Tensor values, Tensor codebook) implements StoredWeights {
  private static final int MOST_ROUNDS = 100;

  /**
   * Finds clusters.
   *
   * @param count values that weights may take, 2 to 256
   * @param importance how much a squared error counts, for each weight; null for equally
   */
  static Clustered of(Tensor weights, int count, float @Nullable [] importance) {
    float[] source = weights.toFloatArray();
    long zeros = IntStream.range(0, source.length).filter(i -> source[i] == 0).count();
    boolean keepsZero = zeros * count >= source.length;
    int[] order =
        IntStream.range(0, source.length)
            .filter(i -> !keepsZero || source[i] != 0)
            .boxed()
            .sorted((a, b) -> Float.compare(source[a], source[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    Sums sums = new Sums(source, order, importance);
    float[] found = sums.cluster(keepsZero ? count - 1 : count);
    return nearest(weights, keepsZero ? Arrays.copyOf(found, found.length + 1) : found);
  }

  /**
   * Each weight as the nearest value of a codebook, as {@link Codebook} finds it.
   *
   * @param codebook 1 to 256 values in any order
   */
  static Clustered nearest(Tensor weights, float[] codebook) {
    int count = codebook.length;
    float[] table = new float[Codebook.TABLE];
    Codebook.sort(codebook, count, 1, table, new int[count]);
    float[] sorted = new float[count];
    for (int place = 0; place < count; place++) {
      sorted[place] = Codebook.value(table, place);
    }
    int[] indices = new int[weights.size()];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = Codebook.nearest(table, Codebook.half(count), weights.getFloat(i));
    }
    return new Clustered(
        StoredWeights.pack(indices, dtype(count), weights.shape()), Tensor.of(sorted));
  }

  /** The narrowest type of indices into so many values. */
  static DType dtype(int count) {
    return count <= 4 ? DType.UINT2 : count <= 16 ? DType.UINT4 : DType.UINT8;
  }

  /** Sorted weights with running sums, so that a round of k-means costs a few searches. */
  private static final class Sums {
    private final float[] sorted;
    private final double[] counts;
    private final double[] firsts;
    private final double[] seconds;

    Sums(float[] source, int[] order, float @Nullable [] importance) {
      int length = order.length;
      this.sorted = new float[length];
      this.counts = new double[length + 1];
      this.firsts = new double[length + 1];
      this.seconds = new double[length + 1];
      for (int i = 0; i < length; i++) {
        double weight = source[order[i]];
        double factor = importance == null ? 1 : importance[order[i]];
        sorted[i] = source[order[i]];
        counts[i + 1] = counts[i] + factor;
        firsts[i + 1] = firsts[i] + factor * weight;
        seconds[i + 1] = seconds[i] + factor * weight * weight;
      }
    }

    /** The better of two starts: evenly spread values, and equally many weights for each. */
    float[] cluster(int count) {
      if (sorted.length == 0) {
        return new float[0];
      }
      double[] even = new double[count];
      double[] equal = new double[count];
      double low = sorted[0];
      double high = sorted[sorted.length - 1];
      for (int i = 0; i < count; i++) {
        even[i] = low + (high - low) * (i + 0.5) / count;
        equal[i] = sorted[(int) ((i + 0.5) * sorted.length / count)];
      }
      double[] best = refine(even);
      double[] other = refine(equal);
      best = error(other) < error(best) ? other : best;
      float[] result = new float[count];
      for (int i = 0; i < count; i++) {
        result[i] = (float) best[i];
      }
      return result;
    }

    /** Where the weights of each centre begin; one more element for where the last ones end. */
    private int[] bounds(double[] centres) {
      int[] bounds = new int[centres.length + 1];
      bounds[centres.length] = sorted.length;
      for (int i = 1; i < centres.length; i++) {
        bounds[i] = lowerBound((centres[i - 1] + centres[i]) / 2);
      }
      return bounds;
    }

    private int lowerBound(double value) {
      int low = 0;
      int high = sorted.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (sorted[middle] < value) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }

    private double[] refine(double[] start) {
      double[] centres = start.clone();
      for (int round = 0; round < MOST_ROUNDS; round++) {
        int[] bounds = bounds(centres);
        boolean moved = false;
        for (int i = 0; i < centres.length; i++) {
          double count = counts[bounds[i + 1]] - counts[bounds[i]];
          if (count > 0) {
            double mean = (firsts[bounds[i + 1]] - firsts[bounds[i]]) / count;
            moved |= mean != centres[i];
            centres[i] = mean;
          }
        }
        if (!moved) {
          break;
        }
      }
      return centres;
    }

    private double error(double[] centres) {
      int[] bounds = bounds(centres);
      double error = 0;
      for (int i = 0; i < centres.length; i++) {
        double count = counts[bounds[i + 1]] - counts[bounds[i]];
        double first = firsts[bounds[i + 1]] - firsts[bounds[i]];
        double second = seconds[bounds[i + 1]] - seconds[bounds[i]];
        error += second - 2 * centres[i] * first + centres[i] * centres[i] * count;
      }
      return error;
    }
  }

  @Override
  public int bits() {
    return values.dtype().bits();
  }

  @Override
  public Tensor dequantize() {
    Shape shape = values.shape();
    float[] result = new float[values.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = codebook.getFloat(values.getInt(i));
    }
    return Tensor.of(result, shape.toArray());
  }
}
