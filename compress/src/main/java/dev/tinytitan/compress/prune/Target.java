package dev.tinytitan.compress.prune;

import dev.tinytitan.Model;
import java.util.function.ToDoubleBiFunction;

/** How far structured pruning goes. */
public sealed interface Target {

  /**
   * The same share of the units of every group goes.
   *
   * @param share over 0, below 1
   */
  record Amount(double share) implements Target {
    public Amount {
      requireShare(share);
    }
  }

  /**
   * So much of a figure is left; groups give what they can spare most easily.
   *
   * @param figure what is counted
   * @param share of what the model has, over 0, below 1
   */
  record Remaining(Figure figure, double share) implements Target {
    public Remaining {
      requireShare(share);
    }
  }

  /**
   * A measured figure, latency say, is at most this share of the unpruned model's.
   *
   * @param share over 0, below 1
   * @param meter measures the unpruned model and a pruned one side by side, and gives the ratio of
   *     the pruned one's figure to the other's
   */
  record Measured(double share, ToDoubleBiFunction<Model, Model> meter) implements Target {
    public Measured {
      requireShare(share);
    }
  }

  /** What can be counted without running a model. */
  enum Figure {
    /** Multiply-adds of one run. */
    MULTIPLY_ADDS,
    /** Elements of weights. */
    PARAMETERS,
    /** Bytes of weights. */
    BYTES
  }

  /** The same share of every group goes. */
  static Target amount(double share) {
    return new Amount(share);
  }

  /** So much of the multiply-adds is left. */
  static Target multiplyAdds(double share) {
    return new Remaining(Figure.MULTIPLY_ADDS, share);
  }

  /** So much of the parameters is left. */
  static Target parameters(double share) {
    return new Remaining(Figure.PARAMETERS, share);
  }

  /** So much of the bytes of weights is left. */
  static Target bytes(double share) {
    return new Remaining(Figure.BYTES, share);
  }

  /** The latency that {@code meter} measures falls to this share; see {@link Measured}. */
  static Target latency(double share, ToDoubleBiFunction<Model, Model> meter) {
    return new Measured(share, meter);
  }

  private static void requireShare(double share) {
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException("a share must be over 0 and below 1, not " + share);
    }
  }
}
