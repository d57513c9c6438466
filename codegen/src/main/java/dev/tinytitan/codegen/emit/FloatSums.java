package dev.tinytitan.codegen.emit;

import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.Optional;

/**
 * The constants of a convolution or matrix product of floats.
 *
 * @param weights filter by filter
 * @param biases one for each filter
 * @param clipping what cuts the results
 */
// Never compared; large, and read only.
@SuppressWarnings("ArrayRecordComponent")
public record FloatSums(float[] weights, float[] biases, Clipping clipping) {

  /** Why the constants of a node cannot be used; empty if they can. Input 2 is a bias, if there. */
  public static Optional<String> refusal(KernelRequest request, int filters) {
    if (!request.isConstant(1) || request.inputDType(1) != DType.FLOAT32) {
      return Optional.of("the weights are not constant float32");
    }
    if (request.hasInput(2)
        && !(request.isConstant(2)
            && request.inputDType(2) == DType.FLOAT32
            && request.constant(2).size() == filters)) {
      return Optional.of("there is not one constant bias for each filter");
    }
    return Optional.empty();
  }

  /** The constants of a convolution, filters first. */
  public static FloatSums ofConv(KernelRequest request, Clipping clipping) {
    float[] weights = request.constant(1).toFloatArray();
    return new FloatSums(weights, biases(request, request.inputShape(1).dim(0)), clipping);
  }

  /** The constants of a matrix product, times {@code alpha}; brought into the order of filters. */
  public static FloatSums ofProduct(
      KernelRequest request, boolean transposed, float alpha, Clipping clipping) {
    Tensor tensor = request.constant(1);
    float[] given = tensor.toFloatArray();
    int filters = tensor.shape().dim(transposed ? 0 : 1);
    int depth = tensor.shape().dim(transposed ? 1 : 0);
    float[] weights = new float[given.length];
    for (int filter = 0; filter < filters; filter++) {
      for (int k = 0; k < depth; k++) {
        int from = transposed ? filter * depth + k : k * filters + filter;
        weights[filter * depth + k] = alpha * given[from];
      }
    }
    return new FloatSums(weights, biases(request, filters), clipping);
  }

  private static float[] biases(KernelRequest request, int filters) {
    return request.hasInput(2) ? request.constant(2).toFloatArray() : new float[filters];
  }
}
