package dev.tinytitan.compress.internal;

import dev.tinytitan.tensor.Tensor;

/** How near one series of numbers is to another: signal-to-noise ratio and cosine. */
public final class Similarity {
  private double signal;
  private double noise;
  private double product;
  private double other;

  /** Adds two tensors of the same size, the truth first. */
  public Similarity add(Tensor truth, Tensor approximation) {
    for (int i = 0; i < truth.size(); i++) {
      double a = truth.getDouble(i);
      double b = approximation.getDouble(i);
      signal += a * a;
      other += b * b;
      product += a * b;
      noise += (a - b) * (a - b);
    }
    return this;
  }

  /** In decibels; positive infinity for equal series. */
  public double signalToNoise() {
    return noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
  }

  /** From -1 to 1; 1 for equal series. */
  public double cosine() {
    return noise == 0 ? 1 : product / Math.max(Math.sqrt(signal * other), Double.MIN_NORMAL);
  }
}
