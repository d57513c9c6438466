package dev.tinytitan.op;

import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;

/** What a scattered element does to the one it meets. */
public enum ScatterReduction {
  /** It takes its place; of several, the last one. */
  NONE(11),
  /** It is added to it. */
  ADD(16),
  /** It is multiplied with it. */
  MUL(16),
  /** The greater stays; NaN wins. */
  MAX(18),
  /** The less stays; NaN wins. */
  MIN(18);

  private final int since;

  ScatterReduction(int since) {
    this.since = since;
  }

  /** Requires the opset that has the reduction. */
  void export(ExportContext context) {
    context.requireOpset(since);
  }

  /** Brings one element of {@code source} to one of {@code target}. */
  void apply(Tensor target, int index, Tensor source, int sourceIndex) {
    if (this == NONE) {
      target.copyElement(index, source, sourceIndex);
    } else if (target.dtype() == DType.FLOAT64) {
      target.setDouble(index, apply(target.getDouble(index), source.getDouble(sourceIndex)));
    } else if (target.dtype().isFloat()) {
      // A double holds the sum and the product of two floats closely enough to round once.
      double result = apply(target.getFloat(index), (double) source.getFloat(sourceIndex));
      target.setFloat(index, (float) result);
    } else {
      long result =
          apply(target.getLong(index), source.getLong(sourceIndex), target.dtype() == DType.UINT64);
      target.setLong(index, result);
    }
  }

  private double apply(double a, double b) {
    return switch (this) {
      case NONE -> b;
      case ADD -> a + b;
      case MUL -> a * b;
      case MAX -> Math.max(a, b);
      case MIN -> Math.min(a, b);
    };
  }

  private long apply(long a, long b, boolean unsigned) {
    int order = unsigned ? Long.compareUnsigned(a, b) : Long.compare(a, b);
    return switch (this) {
      case NONE -> b;
      case ADD -> a + b;
      case MUL -> a * b;
      case MAX -> order >= 0 ? a : b;
      case MIN -> order <= 0 ? a : b;
    };
  }
}
