package dev.tinytitan.op;

import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** From which opset on a QuantizeLinear or DequantizeLinear can be written. */
final class QuantizationOpset {
  private QuantizationOpset() {}

  /**
   * The oldest opset for these types, as far as constants tell them.
   *
   * @param typed the index of an input of the quantized type
   * @param given the quantized type where an attribute gives it
   */
  static int of(ExportContext context, int blockSize, int typed, @Nullable DType given) {
    if (blockSize != 0) {
      return Math.max(21, quantized(given));
    }
    Optional<Tensor> scale = context.constant(1);
    boolean perTensor = scale.isEmpty() || scale.get().size() == 1;
    boolean wideScale = scale.isEmpty() || scale.get().dtype() == DType.FLOAT32;
    DType dtype = context.constant(typed).map(Tensor::dtype).orElse(given);
    return Math.max(quantized(dtype), wideScale ? (perTensor ? 10 : 13) : 19);
  }

  private static int quantized(@Nullable DType dtype) {
    boolean sixteenBits = dtype == DType.INT16 || dtype == DType.UINT16;
    return sixteenBits ? 21 : ElementTypes.oldestOpset(dtype);
  }
}
