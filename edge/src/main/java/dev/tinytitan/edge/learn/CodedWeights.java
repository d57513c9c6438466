package dev.tinytitan.edge.learn;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The weights of an integer layer while they learn: the model's own codes with eight more bits
 * behind the point, half the bytes of floats. Steps smaller than the last bit are rounded by
 * chance, so that they count on the mean. Weights that were pruned stay 0.
 *
 * <p>They lie in rows, one for each element of the window and channel of the input, with all
 * filters in a row. One thread at a time.
 */
final class CodedWeights {
  /** What a code of the model is here. */
  private static final int ONE = 256;

  private final LearnableTensor tensor;
  private final int channels;
  private final int taps;
  private final int filters;
  private final float[] scale;
  private final boolean isPruned;
  private final short[] values;

  /**
   * @param tensor of int8 codes around 0: {@link #isPossible}
   * @param codes {@code [filters, channels, window…]}
   */
  CodedWeights(LearnableTensor tensor, Tensor codes, boolean isPruned) {
    this.tensor = tensor;
    this.filters = tensor.shape().dim(0);
    this.channels = tensor.shape().dim(1);
    this.taps = tensor.size() / filters / channels;
    this.scale = tensor.grid().orElseThrow().scale();
    this.isPruned = isPruned;
    this.values = new short[tensor.size()];
    for (int i = 0; i < values.length; i++) {
      values[at(i)] = (short) (codes.getLong(i) * ONE);
    }
  }

  /** True for int8 codes with zero points of 0 and scales by filter, or one for all. */
  static boolean isPossible(LearnableTensor tensor) {
    return tensor
        .grid()
        .filter(grid ->
            grid.dtype() == DType.INT8
                && (grid.scale().length == 1 || grid.axis() == 0)
                && Arrays.stream(grid.zero()).allMatch(zero -> zero == 0))
        .isPresent();
  }

  long byteSize() {
    return 2L * values.length;
  }

  /** Where an element of the model's tensor lies here. */
  private int at(int element) {
    int filter = element / (channels * taps);
    int channel = element / taps % channels;
    return (element % taps * channels + channel) * filters + filter;
  }

  private float scaleOf(int filter) {
    return scale[scale.length == 1 ? 0 : filter];
  }

  /** Reads a row, multiplied by a factor. */
  void read(int row, float factor, float[] to, int at) {
    float all = factor / ONE;
    int from = row * filters;
    for (int filter = 0; filter < filters; filter++) {
      to[at + filter] = values[from + filter] * (scaleOf(filter) * all);
    }
  }

  /**
   * Moves a row against its gradient.
   *
   * @param rates by filter
   * @param limit the most that a number moves
   */
  void step(
      int row, float[] gradient, int at, float[] rates, float limit, SplittableRandom random) {
    int from = row * filters;
    for (int filter = 0; filter < filters; filter++) {
      int old = values[from + filter];
      if (isPruned && old == 0) {
        continue;
      }
      float move = Math.clamp(rates[filter] * gradient[at + filter], -limit, limit);
      double exact = old - move / (double) scaleOf(filter) * ONE;
      long rounded = (long) Math.floor(exact + (random.nextInt() >>> 8) * 0x1p-24);
      int now = Math.clamp(rounded, -128 * ONE, 127 * ONE);
      values[from + filter] = (short) (isPruned && now == 0 ? 1 : now);
    }
  }

  /** The numbers, in the order of the model's tensor. */
  float[] numbers() {
    float[] numbers = new float[values.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = values[at(i)] * (scaleOf(i / (channels * taps)) / ONE);
    }
    return numbers;
  }

  /** What the model would store. */
  Tensor stored() {
    return tensor.stored(numbers());
  }

  /** All bits, as floats, which hold them exactly. */
  float[] snapshot() {
    float[] copy = new float[values.length];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = values[i];
    }
    return copy;
  }

  void restore(float[] snapshot) {
    for (int i = 0; i < snapshot.length; i++) {
      values[i] = (short) snapshot[i];
    }
  }
}
