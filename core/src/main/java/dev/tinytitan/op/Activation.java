package dev.tinytitan.op;

import java.util.Optional;

/**
 * What a fused operator does to each of its results. The set is closed, so that a kernel can give
 * each kind its own code; any element-wise operator fits as {@link Function}.
 */
// Initializing a record does not initialize an interface without default methods: no deadlock.
@SuppressWarnings("ClassInitializationDeadlock")
public sealed interface Activation {

  /** Nothing. */
  Activation NONE = new None();

  /** {@code max(x, 0)}. */
  Activation RELU = new Clip(0, Float.POSITIVE_INFINITY);

  /** The function, on one float32 number. */
  float apply(float x);

  /** True if nothing is done. */
  boolean isNone();

  /** The range that this activation cuts to, if that is all it does. */
  Optional<Clip> asClip();

  /** No activation. */
  record None() implements Activation {
    @Override
    public float apply(float x) {
      return x;
    }

    @Override
    public boolean isNone() {
      return true;
    }

    @Override
    public Optional<Clip> asClip() {
      return Optional.empty();
    }

    @Override
    public String toString() {
      return "None";
    }
  }

  /**
   * Cut to a range: Clip, and Relu without an upper limit. NaN stays NaN.
   *
   * @param min the least result; may be negative infinity
   * @param max the greatest result, not below {@code min}; may be infinite
   */
  record Clip(float min, float max) implements Activation {
    public Clip {
      if (!(min <= max)) {
        throw new IllegalArgumentException("a range from " + min + " to " + max + " is empty");
      }
    }

    @Override
    public float apply(float x) {
      return x < min ? min : x > max ? max : x;
    }

    @Override
    public boolean isNone() {
      return false;
    }

    @Override
    public Optional<Clip> asClip() {
      return Optional.of(this);
    }

    @Override
    public String toString() {
      return equals(RELU) ? "Relu" : "Clip(" + min + ", " + max + ")";
    }
  }

  /** An element-wise operator, such as Sigmoid, Gelu or HardSwish. */
  record Function(UnaryOperator operator) implements Activation {
    @Override
    public float apply(float x) {
      return operator.apply(x);
    }

    @Override
    public boolean isNone() {
      return false;
    }

    @Override
    public Optional<Clip> asClip() {
      return Optional.empty();
    }

    @Override
    public String toString() {
      return operator.toString();
    }
  }

  /** The activation that does what an element-wise operator does. */
  static Activation of(UnaryOperator operator) {
    return operator instanceof Relu ? RELU : new Function(operator);
  }
}
