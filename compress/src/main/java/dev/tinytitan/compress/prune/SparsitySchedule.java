package dev.tinytitan.compress.prune;

/**
 * Sparsity that grows while a model is trained, fast at first and ever slower: {@code s(t) = final
 * + (initial - final) (1 - (t - begin) / (end - begin))³}; Zhu and Gupta 2017, arXiv:1710.01878.
 *
 * @param initial the share of zeros up to step {@code begin}, 0 to 1
 * @param target the share from step {@code end} on, at least {@code initial}
 * @param begin the step at which it begins to grow
 * @param end the step at which it has grown, after {@code begin}
 */
public record SparsitySchedule(double initial, double target, long begin, long end) {

  public SparsitySchedule {
    if (!(initial >= 0 && initial <= target && target < 1) || begin < 0 || end <= begin) {
      throw new IllegalArgumentException(
          "a schedule from "
              + initial
              + " to "
              + target
              + " between steps "
              + begin
              + " and "
              + end
              + " does not grow");
    }
  }

  /** The share of zeros at a step. */
  public double at(long step) {
    if (step <= begin) {
      return initial;
    }
    if (step >= end) {
      return target;
    }
    double left = 1 - (double) (step - begin) / (end - begin);
    return target + (initial - target) * left * left * left;
  }
}
