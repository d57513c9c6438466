package dev.tinytitan.edge.learn;

/**
 * How far a vector is from those seen before, in their own deviations (Mahalanobis 1936; Lee et al.
 * 2018 on features of networks): mean and covariance are kept up to date with each vector. The root
 * of the squared distance over the dimension: about 1 for what is usual. Memory grows with the
 * square of the dimension. One thread at a time.
 */
public final class MahalanobisScore {
  /** Of the mean variance, added to each, so that few vectors or constant features do no harm. */
  private static final double RIDGE = 0.05;

  private final int size;
  private final double[] mean;
  private final double[] scatter;
  private final double[] factor;
  private long count;
  private boolean factored;

  /**
   * @param size elements of a vector
   */
  public MahalanobisScore(int size) {
    if (size < 1 || size > 2048) {
      throw new IllegalArgumentException(
          "vectors of " + size + " elements; 1 to 2048 are possible");
    }
    this.size = size;
    this.mean = new double[size];
    this.scatter = new double[size * size];
    this.factor = new double[size * size];
  }

  /** Bytes of the state. */
  public long byteSize() {
    return 8L * (2L * size * size + size);
  }

  /** How many vectors were seen. */
  public long count() {
    return count;
  }

  /** Takes a vector as usual; one with numbers that are not finite is left out. */
  public void add(float[] vector) {
    requireSize(vector);
    double[] off = new double[size];
    for (int i = 0; i < size; i++) {
      if (!Float.isFinite(vector[i])) {
        return;
      }
      off[i] = vector[i] - mean[i];
    }
    count++;
    factored = false;
    double share = (count - 1.0) / count;
    for (int i = 0; i < size; i++) {
      mean[i] += off[i] / count;
      for (int j = 0; j <= i; j++) {
        scatter[i * size + j] += share * off[i] * off[j];
      }
    }
  }

  /** How unusual a vector is; infinite if it is not finite, NaN before two vectors were seen. */
  public double score(float[] vector) {
    requireSize(vector);
    if (count < 2) {
      return Double.NaN;
    }
    if (!factored) {
      factorize();
    }
    double sum = 0;
    double[] z = new double[size];
    for (int i = 0; i < size; i++) {
      double value = vector[i] - mean[i];
      for (int j = 0; j < i; j++) {
        value -= factor[i * size + j] * z[j];
      }
      z[i] = value / factor[i * size + i];
      sum += z[i] * z[i];
    }
    return Double.isNaN(sum) ? Double.POSITIVE_INFINITY : Math.sqrt(sum / size);
  }

  private void requireSize(float[] vector) {
    if (vector.length != size) {
      throw new IllegalArgumentException(vector.length + " elements instead of " + size);
    }
  }

  /** Cholesky's factor of the covariance with a ridge. */
  private void factorize() {
    double trace = 0;
    for (int i = 0; i < size; i++) {
      trace += scatter[i * size + i] / (count - 1);
    }
    double ridge = RIDGE * trace / size + 1e-12;
    for (int i = 0; i < size; i++) {
      for (int j = 0; j <= i; j++) {
        double value = scatter[i * size + j] / (count - 1) + (i == j ? ridge : 0);
        for (int k = 0; k < j; k++) {
          value -= factor[i * size + k] * factor[j * size + k];
        }
        factor[i * size + j] =
            i == j ? Math.sqrt(Math.max(value, 1e-12)) : value / factor[j * size + j];
      }
    }
    factored = true;
  }
}
