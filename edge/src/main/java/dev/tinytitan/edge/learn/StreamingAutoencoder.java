package dev.tinytitan.edge.learn;

import dev.tinytitan.Model;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Network;

/**
 * A small autoencoder that learns a stream of vectors as it comes; what it cannot rebuild is
 * unusual. Numbers are brought to mean 0 and deviation 1 by what was seen so far. Score and step
 * cost about three inferences of the network. One thread at a time.
 */
public final class StreamingAutoencoder implements AutoCloseable {
  private static final double RATE = 5e-3;
  private static final int WARM_UP = 30;

  private final int size;
  private final Learner learner;
  private final double[] mean;
  private final double[] squares;
  private long count;
  private double usual = Double.NaN;

  /**
   * @param size elements of a vector
   * @param hidden elements of the code, fewer than {@code size}
   */
  public StreamingAutoencoder(int size, int hidden, long seed) {
    if (size < 2 || hidden < 1 || hidden >= size) {
      throw new IllegalArgumentException("a code of " + hidden + " for " + size + " elements");
    }
    this.size = size;
    this.mean = new double[size];
    this.squares = new double[size];
    Network network = new Network("streaming-autoencoder", seed);
    Layer input = network.input(Shape.of(size).toArray());
    Model model =
        network.model(
            input.dense(2 * hidden).relu().dense(hidden).dense(2 * hidden).relu().dense(size));
    this.learner =
        Learner.of(
            model,
            LearnerOptions.of(Budget.ofBytes(1 << 30))
                .withMethod(Method.FULL)
                .withObjective(Objective.VALUES)
                .withLearningRate(RATE)
                .withSteps(1)
                .withReplayBytes(0)
                .withGateEvery(0)
                .withSeed(seed));
  }

  /**
   * Scores a vector, then learns it.
   *
   * @return how badly it was rebuilt, 1 being what is usual; NaN while too few were seen; infinite
   *     if it is not finite, which is not learned
   */
  public double add(float[] vector) {
    if (vector.length != size) {
      throw new IllegalArgumentException(vector.length + " elements instead of " + size);
    }
    for (float value : vector) {
      if (!Float.isFinite(value)) {
        return Double.POSITIVE_INFINITY;
      }
    }
    float[] scaled = scaled(vector);
    double error = learner.learn(Tensor.of(scaled, 1, size), scaled).loss();
    count++;
    double score = count > WARM_UP ? error / usual : Double.NaN;
    // What is far off hardly moves the yardstick.
    double bounded = count > WARM_UP ? Math.min(error, 3 * usual) : error;
    usual = Double.isNaN(usual) ? bounded : 0.95 * usual + 0.05 * bounded;
    return score;
  }

  private float[] scaled(float[] vector) {
    float[] scaled = new float[size];
    double seen = count + 1.0;
    for (int i = 0; i < size; i++) {
      double off = vector[i] - mean[i];
      mean[i] += off / seen;
      squares[i] += off * (vector[i] - mean[i]);
      double deviation = Math.sqrt(squares[i] / Math.max(1, count)) + 1e-6;
      scaled[i] = (float) Math.clamp((vector[i] - mean[i]) / deviation, -10, 10);
    }
    return scaled;
  }

  @Override
  public void close() {
    learner.close();
  }
}
