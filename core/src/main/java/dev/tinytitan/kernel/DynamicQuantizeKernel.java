package dev.tinytitan.kernel;

import dev.tinytitan.op.DynamicQuantizeLinear;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Floats in steps of their own range, with scale and zero point. */
final class DynamicQuantizeKernel implements Kernel {
  private final int size;

  DynamicQuantizeKernel(KernelRequest request) {
    this.size = request.inputShape(0).size();
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    return request.inputDType(0) == DType.FLOAT32 && request.outputs().size() == 3
        ? Optional.empty()
        : Optional.of("not float32, or an output is not read");
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Objects.requireNonNull(inputs[0]).floatArray();
    byte[] y = Objects.requireNonNull(outputs[0]).byteArray();
    float least = 0;
    float greatest = 0;
    for (int i = 0; i < size; i++) {
      least = Math.min(least, x[i]);
      greatest = Math.max(greatest, x[i]);
    }
    var parameters = DynamicQuantizeLinear.Parameters.of(least, greatest);
    for (int i = 0; i < size; i++) {
      y[i] = (byte) parameters.quantize(x[i]);
    }
    Objects.requireNonNull(outputs[1]).setFloat(0, parameters.scale());
    Objects.requireNonNull(outputs[2]).setLong(0, parameters.zeroPoint());
  }
}
