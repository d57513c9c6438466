package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/**
 * Minimum along axes; NaN wins; the greatest value of the dtype of nothing. ONNX: ReduceMin-20.
 *
 * @param keepDims whether reduced axes stay with size 1
 * @param noopWithEmptyAxes whether no axes mean that nothing is reduced
 */
public record ReduceMin(boolean keepDims, boolean noopWithEmptyAxes) implements Reduction {
  static final OpSpec SPEC = Reduction.spec("ReduceMin", 20, ReduceMin::new);

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double reduce(double[] elements) {
    double result = Double.POSITIVE_INFINITY;
    for (double element : elements) {
      result = Math.min(result, element);
    }
    return result;
  }

  @Override
  public long reduce(long[] elements, DType dtype) {
    long result = dtype == DType.BOOL ? 1 : dtype.maxValue();
    for (long element : elements) {
      int order =
          dtype.isUnsigned()
              ? Long.compareUnsigned(element, result)
              : Long.compare(element, result);
      result = order < 0 ? element : result;
    }
    return result;
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveToExtremes(context, this);
  }
}
