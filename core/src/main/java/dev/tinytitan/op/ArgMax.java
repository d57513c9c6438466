package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/**
 * The index of the greatest element along one axis, as int64; NaN counts as greater than all
 * numbers. ONNX: ArgMax-13.
 *
 * @param axis the axis; negative counts from the end
 * @param keepDims whether the axis stays with size 1
 * @param selectLastIndex whether the last of equal elements is meant, and not the first
 */
public record ArgMax(int axis, boolean keepDims, boolean selectLastIndex) implements ArgReduction {
  static final OpSpec SPEC = ArgReduction.spec("ArgMax", ArgMax::new);

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public boolean isBetter(int order) {
    return order > 0;
  }
}
