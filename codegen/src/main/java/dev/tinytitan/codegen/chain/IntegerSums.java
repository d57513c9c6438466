package dev.tinytitan.codegen.chain;

import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.op.QuantizedOutput;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.Optional;

/**
 * The constants of an integer convolution or matrix product as generated code uses them: weights
 * with their zero points taken off, biases with the activations' zero point folded in, a multiplier
 * for each filter.
 *
 * <p>{@code Σ (x - z)·w + bias = Σ x'·w + (bias - z'·Σ w)} with stored {@code x'} and {@code z'}.
 * All sums are taken modulo 2³², as the reference's int32 is; so folding changes nothing.
 *
 * @param weights filter by filter
 * @param filters how many
 * @param biases one for each filter
 * @param multipliers one for each filter
 * @param zeroPoint the activations', as stored
 */
// Never compared; large, and read only.
@SuppressWarnings("ArrayRecordComponent")
record IntegerSums(
    short[] weights,
    int filters,
    int[] biases,
    float[] multipliers,
    int zeroPoint,
    Requantization requantization) {
  /** Inputs are stored without sign. */
  private static final int GREATEST_INPUT = 255;

  /**
   * Why the constants of a node cannot be used; empty if they can. Inputs are those of {@code
   * IntegerConv} and {@code IntegerMatMul}: x, weights, multipliers, bias, zero points of weights.
   */
  static Optional<String> refusal(KernelRequest request, int filters) {
    for (int i = 1; i < request.inputs().size(); i++) {
      if (request.hasInput(i) && !request.isConstant(i)) {
        return Optional.of("weights, multipliers or bias are not constant");
      }
      if (i != 1 && request.hasInput(i)) {
        int size = request.constant(i).size();
        if (size != filters && (size != 1 || i == 3)) {
          return Optional.of("there is not one multiplier, bias or zero point for each filter");
        }
      }
    }
    for (float multiplier : request.constant(2).toFloatArray()) {
      if (!Float.isFinite(multiplier)) {
        return Optional.of("a multiplier is not finite");
      }
    }
    if (request.inputDType(1) == DType.INT8 && !request.hasInput(4)) {
      return Optional.empty();
    }
    Tensor weights = request.constant(1);
    Tensor zeros = request.hasInput(4) ? request.constant(4) : null;
    long least = request.inputDType(1).minValue();
    long greatest = request.inputDType(1).maxValue();
    for (int i = 0; zeros != null && i < zeros.size(); i++) {
      least = Math.min(least, request.inputDType(1).minValue() - zeros.getLong(i));
      greatest = Math.max(greatest, request.inputDType(1).maxValue() - zeros.getLong(i));
    }
    if (least >= Byte.MIN_VALUE && greatest <= Byte.MAX_VALUE) {
      return Optional.empty();
    }
    for (int i = 0; zeros != null && zeros.size() == 1 && i < weights.size(); i++) {
      long weight = weights.getLong(i) - zeros.getLong(0);
      if (weight != (byte) weight) {
        return Optional.of("weights without their zero point do not fit into int8");
      }
    }
    return zeros != null && zeros.size() == 1
        ? Optional.empty()
        : Optional.of("weights without their zero points may not fit into int8");
  }

  /**
   * The constants of a node that {@link #refusal} let pass.
   *
   * @param transposed whether the weights lie input by input, with filters last
   */
  static IntegerSums of(
      KernelRequest request,
      int filters,
      int zeroPoint,
      QuantizedOutput output,
      boolean transposed) {
    Tensor weights = request.constant(1);
    Tensor zeros = request.hasInput(4) ? request.constant(4) : null;
    Tensor bias = request.hasInput(3) ? request.constant(3) : null;
    Tensor scale = request.constant(2);
    int depth = weights.size() / filters;
    int stored = zeroPoint + (request.inputDType(0) == DType.INT8 ? Buffer.SIGN_OFFSET : 0);
    short[] centred = new short[weights.size()];
    int[] biases = new int[filters];
    float[] multipliers = new float[filters];
    for (int filter = 0; filter < filters; filter++) {
      long zero = zeros == null ? 0 : zeros.getLong(zeros.size() == 1 ? 0 : filter);
      long sum = 0;
      for (int i = 0; i < depth; i++) {
        int from = transposed ? i * filters + filter : filter * depth + i;
        short weight = (short) (weights.getLong(from) - zero);
        centred[filter * depth + i] = weight;
        sum += weight;
      }
      biases[filter] = (int) ((bias == null ? 0 : bias.getLong(filter)) - stored * sum);
      multipliers[filter] = scale.getFloat(scale.size() == 1 ? 0 : filter);
    }
    Requantization requantization = Requantization.of(output, multipliers);
    long least = 0;
    long greatest = 0;
    for (int filter = 0; filter < filters; filter++) {
      long below = biases[filter];
      long above = biases[filter];
      for (int i = filter * depth; i < (filter + 1) * depth; i++) {
        below += (long) GREATEST_INPUT * Math.min(0, centred[i]);
        above += (long) GREATEST_INPUT * Math.max(0, centred[i]);
      }
      least = Math.min(least, below);
      greatest = Math.max(greatest, above);
    }
    return new IntegerSums(
        centred,
        filters,
        biases,
        multipliers,
        stored,
        requantization.forSums(least, greatest, multipliers));
  }

  /** Constants of a filter: what its sum starts with, then the factors that scale it. */
  int constants() {
    return 1 + requantization.factors();
  }

  /** The bits of one of them. */
  int constant(int index, int filter) {
    return index == 0
        ? requantization.start(biases[filter])
        : Float.floatToRawIntBits(requantization.factor(index - 1, multipliers[filter]));
  }

  /** Whether all filters have one multiplier. */
  boolean isUniform() {
    for (float multiplier : multipliers) {
      if (Float.floatToRawIntBits(multiplier) != Float.floatToRawIntBits(multipliers[0])) {
        return false;
      }
    }
    return true;
  }

  /** Weights of one filter. */
  int depth() {
    return weights.length / filters;
  }
}
