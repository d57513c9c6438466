package dev.tinytitan.compress.math;

import dev.tinytitan.tensor.Tensor;
import java.util.stream.IntStream;

/**
 * Second moments of what a layer reads, gathered tensor by tensor: half of the Hessian of the
 * squared error of its outputs, the same for all output channels of a group (Frantar and Alistarh
 * 2022). Memory does not grow with the data.
 *
 * <p>Two inputs can be followed side by side: the one the layer was made for, and the one it gets
 * when the layers before it are already compressed. Not thread-safe; the result does not depend on
 * the number of threads.
 */
public final class HessianAccumulator {
  /** Rows that are gathered before they are multiplied. */
  private static final int BATCH = 64;

  private final LayerInput input;
  private final int mostRows;
  private final Group[] groups;
  private final double[][] originals;
  private final double[][] actuals;
  private int buffered;
  private long tensors;
  private long rows;

  /** The sums of one group; the first index is the actual input's. */
  private static final class Group {
    private final double[][] squares;
    private final double[][] products;
    private final double[] actualSum;
    private final double[] originalSum;

    Group(int width) {
      this.squares = new double[width][];
      this.products = new double[width][width];
      this.actualSum = new double[width];
      this.originalSum = new double[width];
      for (int i = 0; i < width; i++) {
        squares[i] = new double[i + 1];
      }
    }
  }

  /**
   * The moments of one group's rows about their means.
   *
   * @param count rows seen
   * @param covariance of the actual input with itself, the whole square matrix
   * @param cross covariance of the actual input (rows) with the original one (columns)
   * @param actualMean the mean of each element of the actual input
   * @param originalMean the same of the original input
   */
  @SuppressWarnings("ArrayRecordComponent") // Large matrices, read in place, never compared.
  public record Moments(
      long count,
      double[][] covariance,
      double[][] cross,
      double[] actualMean,
      double[] originalMean) {

    /** Elements of a row. */
    public int width() {
      return actualMean.length;
    }
  }

  /**
   * Sums for a layer.
   *
   * @param mostRows of a tensor with more rows so many are taken, evenly spread
   */
  public HessianAccumulator(LayerInput input, int mostRows) {
    this.input = input;
    this.mostRows = mostRows;
    this.groups = new Group[input.groups()];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = new Group(input.width());
    }
    this.originals = new double[BATCH * groups.length][input.width()];
    this.actuals = new double[BATCH * groups.length][input.width()];
  }

  /** Adds an input of a layer before which nothing has changed. */
  public void add(Tensor x) {
    add(x, x);
  }

  /**
   * Adds an input.
   *
   * @param original what the layer reads in the original model
   * @param actual what it reads now; of the same shape
   */
  public void add(Tensor original, Tensor actual) {
    LayerInput.Rows before = input.rows(original);
    LayerInput.Rows now = input.rows(actual);
    int total = now.count();
    int taken = Math.min(total, mostRows);
    // Other places in each tensor: the fraction of multiples of the golden ratio spreads evenly.
    double shift = total == taken ? 0 : tensors * 0.618033988749895 % 1;
    for (int i = 0; i < taken; i++) {
      int index = (int) ((i + shift) * total / taken);
      for (int group = 0; group < groups.length; group++) {
        before.copy(index, group, originals[group * BATCH + buffered]);
        now.copy(index, group, actuals[group * BATCH + buffered]);
      }
      buffered++;
      if (buffered == BATCH) {
        flush();
      }
    }
    tensors++;
  }

  private void flush() {
    int count = buffered;
    int width = input.width();
    IntStream lines = IntStream.range(0, groups.length * width);
    (width * groups.length < 32 ? lines : lines.parallel())
        .forEach(line -> addLine(line / width, line % width, count));
    rows += buffered;
    buffered = 0;
  }

  private void addLine(int group, int line, int count) {
    Group sums = groups[group];
    for (int row = 0; row < count; row++) {
      double[] actual = actuals[group * BATCH + row];
      double[] original = originals[group * BATCH + row];
      double factor = actual[line];
      sums.actualSum[line] += factor;
      sums.originalSum[line] += original[line];
      if (factor != 0) {
        addScaled(sums.squares[line], actual, factor);
        addScaled(sums.products[line], original, factor);
      }
    }
  }

  private static void addScaled(double[] sum, double[] row, double factor) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += row[i] * factor;
    }
  }

  /**
   * The moments so far.
   *
   * @param group of the layer's groups
   * @param centred whether the means are taken out, as they may be where a bias makes up for them;
   *     else the means given are 0
   */
  public Moments moments(int group, boolean centred) {
    flush();
    Group sums = groups[group];
    int width = input.width();
    double[] actualMean = new double[width];
    double[] originalMean = new double[width];
    double count = Math.max(1, rows);
    if (centred) {
      for (int i = 0; i < width; i++) {
        actualMean[i] = sums.actualSum[i] / count;
        originalMean[i] = sums.originalSum[i] / count;
      }
    }
    double[][] covariance = new double[width][width];
    double[][] cross = new double[width][width];
    for (int i = 0; i < width; i++) {
      for (int j = 0; j <= i; j++) {
        covariance[i][j] = sums.squares[i][j] / count - actualMean[i] * actualMean[j];
        covariance[j][i] = covariance[i][j];
      }
      for (int j = 0; j < width; j++) {
        cross[i][j] = sums.products[i][j] / count - actualMean[i] * originalMean[j];
      }
    }
    return new Moments(rows, covariance, cross, actualMean, originalMean);
  }
}
