package dev.tinytitan.train;

/**
 * How parameters follow their gradients. Immutable; each {@code with…} method gives a changed copy.
 *
 * @param kind the rule
 * @param learningRate before the schedule's factor, above 0
 * @param momentum how much of the last step (SGD) or of the mean gradient (others) stays, from 0 to
 *     below 1
 * @param nesterov whether SGD looks ahead along the momentum
 * @param decay how much of the mean squared gradient stays, from 0 to below 1; not for SGD
 * @param epsilon added to the root of the mean squared gradient
 * @param weightDecay how much of each weight is taken off in a step, times the learning rate; not
 *     off biases and normalization. Added to the gradient by SGD, RMSprop and Adam, apart from it
 *     by AdamW
 */
public record Optimizer(
    Kind kind,
    double learningRate,
    double momentum,
    boolean nesterov,
    double decay,
    double epsilon,
    double weightDecay) {

  /** The rules. */
  public enum Kind {
    /** Stochastic gradient descent with momentum (Sutskever et al. 2013). */
    SGD,
    /** Adam (Kingma and Ba 2015). */
    ADAM,
    /** Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019). */
    ADAMW,
    /** Steps divided by the root of the mean squared gradient (Tieleman and Hinton 2012). */
    RMSPROP
  }

  public Optimizer {
    if (!(learningRate > 0) || !Double.isFinite(learningRate)) {
      throw new IllegalArgumentException("a learning rate of " + learningRate);
    }
    if (!(momentum >= 0 && momentum < 1) || !(decay >= 0 && decay < 1) || !(weightDecay >= 0)) {
      throw new IllegalArgumentException(
          "momentum " + momentum + ", decay " + decay + ", weight decay " + weightDecay);
    }
  }

  /** SGD with a momentum of 0.9. */
  public static Optimizer sgd(double learningRate) {
    return new Optimizer(Kind.SGD, learningRate, 0.9, false, 0, 0, 0);
  }

  /** Adam with its usual constants. */
  public static Optimizer adam(double learningRate) {
    return new Optimizer(Kind.ADAM, learningRate, 0.9, false, 0.999, 1e-8, 0);
  }

  /** AdamW with its usual constants and a weight decay of 0.01. */
  public static Optimizer adamW(double learningRate) {
    return new Optimizer(Kind.ADAMW, learningRate, 0.9, false, 0.999, 1e-8, 0.01);
  }

  /** RMSprop without momentum. */
  public static Optimizer rmsProp(double learningRate) {
    return new Optimizer(Kind.RMSPROP, learningRate, 0, false, 0.99, 1e-8, 0);
  }

  /** The same with another momentum. */
  public Optimizer withMomentum(double value) {
    return new Optimizer(kind, learningRate, value, nesterov, decay, epsilon, weightDecay);
  }

  /** The same, looking ahead along the momentum or not. */
  public Optimizer withNesterov(boolean value) {
    return new Optimizer(kind, learningRate, momentum, value, decay, epsilon, weightDecay);
  }

  /** The same with another weight decay. */
  public Optimizer withWeightDecay(double value) {
    return new Optimizer(kind, learningRate, momentum, nesterov, decay, epsilon, value);
  }
}
