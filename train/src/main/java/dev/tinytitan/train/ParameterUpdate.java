package dev.tinytitan.train;

/**
 * The state of an optimizer for one parameter tensor, and its step. Plain loops over arrays; one
 * thread at a time.
 */
final class ParameterUpdate {
  private final Optimizer optimizer;
  private final int size;
  private final boolean decays;

  /** The running mean of gradients, or the last step; empty if the rule keeps none. */
  private final float[] mean;

  /** The running mean of squared gradients; empty if the rule keeps none. */
  private final float[] squares;

  /**
   * @param decays whether weight decay is for this tensor
   */
  ParameterUpdate(Optimizer optimizer, int size, boolean decays) {
    this.optimizer = optimizer;
    this.size = size;
    this.decays = decays;
    this.mean = new float[optimizer.momentum() > 0 ? size : 0];
    this.squares = new float[optimizer.kind() == Optimizer.Kind.SGD ? 0 : size];
  }

  float[] mean() {
    return mean;
  }

  float[] squares() {
    return squares;
  }

  /** Bytes of the state for so many parameters. */
  static long byteSize(Optimizer optimizer, long size) {
    long means = optimizer.momentum() > 0 ? size : 0;
    long squares = optimizer.kind() == Optimizer.Kind.SGD ? 0 : size;
    return 4 * (means + squares);
  }

  /**
   * Moves the parameters.
   *
   * @param scale what gradients are multiplied by (clipping)
   * @param rate the learning rate of this step
   * @param step counted from 1
   */
  void step(float[] parameters, float[] gradients, float scale, double rate, int step) {
    float decay = decays ? (float) optimizer.weightDecay() : 0;
    switch (optimizer.kind()) {
      case SGD -> sgd(parameters, gradients, scale, (float) rate, decay);
      case RMSPROP -> rmsProp(parameters, gradients, scale, (float) rate, decay);
      case ADAM -> adam(parameters, gradients, scale, rate, decay, 0, step);
      case ADAMW -> adam(parameters, gradients, scale, rate, 0, (float) (rate * decay), step);
    }
  }

  private void sgd(float[] w, float[] g, float scale, float rate, float decay) {
    float momentum = (float) optimizer.momentum();
    if (mean.length == 0) {
      for (int i = 0; i < size; i++) {
        w[i] -= rate * (g[i] * scale + decay * w[i]);
      }
    } else if (optimizer.nesterov()) {
      for (int i = 0; i < size; i++) {
        float gradient = g[i] * scale + decay * w[i];
        mean[i] = momentum * mean[i] + gradient;
        w[i] -= rate * (gradient + momentum * mean[i]);
      }
    } else {
      for (int i = 0; i < size; i++) {
        mean[i] = momentum * mean[i] + (g[i] * scale + decay * w[i]);
        w[i] -= rate * mean[i];
      }
    }
  }

  private void rmsProp(float[] w, float[] g, float scale, float rate, float decay) {
    float keep = (float) optimizer.decay();
    float epsilon = (float) optimizer.epsilon();
    float momentum = (float) optimizer.momentum();
    for (int i = 0; i < size; i++) {
      float gradient = g[i] * scale + decay * w[i];
      squares[i] = keep * squares[i] + (1 - keep) * gradient * gradient;
      float move = gradient / ((float) Math.sqrt(squares[i]) + epsilon);
      if (mean.length > 0) {
        mean[i] = momentum * mean[i] + move;
        move = mean[i];
      }
      w[i] -= rate * move;
    }
  }

  private void adam(
      float[] w, float[] g, float scale, double rate, float coupled, float apart, int step) {
    float keepMean = (float) optimizer.momentum();
    float keep = (float) optimizer.decay();
    float epsilon = (float) optimizer.epsilon();
    float correction = (float) (1 / Math.sqrt(1 - Math.pow(optimizer.decay(), step)));
    float size1 = (float) (rate / (1 - Math.pow(optimizer.momentum(), step)));
    if (mean.length == 0) {
      for (int i = 0; i < size; i++) {
        float gradient = g[i] * scale + coupled * w[i];
        squares[i] = keep * squares[i] + (1 - keep) * gradient * gradient;
        w[i] -=
            apart * w[i]
                + size1 * gradient / ((float) Math.sqrt(squares[i]) * correction + epsilon);
      }
      return;
    }
    for (int i = 0; i < size; i++) {
      float gradient = g[i] * scale + coupled * w[i];
      mean[i] = keepMean * mean[i] + (1 - keepMean) * gradient;
      squares[i] = keep * squares[i] + (1 - keep) * gradient * gradient;
      w[i] -=
          apart * w[i] + size1 * mean[i] / ((float) Math.sqrt(squares[i]) * correction + epsilon);
    }
  }
}
