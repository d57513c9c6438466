package dev.tinytitan.edge.learn;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Moves one array along its gradients: Adam with one second moment for each output channel in place
 * of one for each number (Zhang et al. 2024, Adam-mini), which halves the state. A step is bounded:
 * whatever a label says, no number moves much further than the learning rate times the root of the
 * channel's size. One thread at a time.
 */
final class Stepper {
  private static final float KEEP_MEAN = 0.9f;
  private static final float KEEP_SQUARES = 0.99f;
  private static final float EPSILON = 1e-8f;

  private final float[] values;
  private final int[] rowOf;
  private final float[] mean;
  private final float[] squares;
  private final float[] sums;
  private final int[] rowSizes;
  private final boolean @Nullable [] pruned;
  private long steps;

  /**
   * @param values what moves
   * @param inner how many numbers in a row belong to the same channel
   * @param rows how many channels there are
   * @param pruned which numbers stay 0; null for none
   */
  Stepper(float[] values, int size, int inner, int rows, boolean @Nullable [] pruned) {
    this.values = values;
    this.rowOf = new int[] {inner, rows};
    this.mean = new float[size];
    this.squares = new float[rows];
    this.sums = new float[rows];
    this.rowSizes = new int[rows];
    this.pruned = pruned;
    for (int i = 0; i < size; i++) {
      rowSizes[row(i)]++;
    }
  }

  /** Bytes of state for so many numbers in so many channels. */
  static long byteSize(int size, int rows) {
    return 4L * size + 12L * rows;
  }

  private int row(int index) {
    return index / rowOf[0] % rowOf[1];
  }

  /** Begins a step: its gradients come in one or several runs. */
  void begin() {
    for (int i = 0; i < mean.length; i++) {
      mean[i] *= KEEP_MEAN;
    }
    Arrays.fill(sums, 0);
  }

  /**
   * Takes in the gradients of a run. They go straight into the moving mean, so that a step over
   * many samples takes no more memory than one over few.
   *
   * @param gradients as many as there are values
   * @param scale what gradients are multiplied by
   * @param share of the step that this run is, all together 1
   */
  void add(float[] gradients, float scale, float share) {
    float part = (1 - KEEP_MEAN) * share;
    for (int i = 0; i < mean.length; i++) {
      float gradient = gradients[i] * scale;
      mean[i] += part * gradient;
      sums[row(i)] += share * gradient * gradient;
    }
  }

  /**
   * Moves the values.
   *
   * @param rate the learning rate
   */
  void finish(float rate) {
    steps++;
    float[] rates = sums;
    double meanShare = 1 - Math.pow(KEEP_MEAN, (double) steps);
    double squareShare = 1 - Math.pow(KEEP_SQUARES, (double) steps);
    for (int r = 0; r < squares.length; r++) {
      squares[r] = KEEP_SQUARES * squares[r] + (1 - KEEP_SQUARES) * sums[r] / rowSizes[r];
      rates[r] = (float) (rate / meanShare / (Math.sqrt(squares[r] / squareShare) + EPSILON));
    }
    for (int i = 0; i < mean.length; i++) {
      if (pruned == null || !pruned[i]) {
        values[i] -= rates[row(i)] * mean[i];
      }
    }
  }

  /** Forgets the past, after values were put back. */
  void reset() {
    Arrays.fill(mean, 0);
    Arrays.fill(squares, 0);
    steps = 0;
  }
}
