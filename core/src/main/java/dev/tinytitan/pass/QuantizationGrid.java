package dev.tinytitan.pass;

import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The real numbers that an 8-bit tensor can hold: {@code (x - zeroPoint) * scale}, with one scale
 * and zero point for the whole tensor.
 *
 * @param dtype int8 or uint8
 */
record QuantizationGrid(DType dtype, float scale, int zeroPoint) {

  // Written out: what the JVM makes for a record takes it milliseconds when first used.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof QuantizationGrid grid
        && grid.dtype == dtype
        && Float.compare(grid.scale, scale) == 0
        && grid.zeroPoint == zeroPoint;
  }

  @Override
  public int hashCode() {
    return (dtype.hashCode() * 31 + Float.hashCode(scale)) * 31 + zeroPoint;
  }

  /** The grid of a QuantizeLinear's result; empty if it is of another kind. */
  static Optional<QuantizationGrid> ofOutput(Scope scope, Node node) {
    if (!(node.operator() instanceof QuantizeLinear quantize)
        || quantize.blockSize() != 0
        || quantize.precision() != null) {
      return Optional.empty();
    }
    DType fallback = quantize.outputDType() == null ? DType.UINT8 : quantize.outputDType();
    return of(scope, node, node.hasInput(2) ? null : fallback);
  }

  /** The grid of a DequantizeLinear's argument; empty if it is of another kind. */
  static Optional<QuantizationGrid> ofInput(Scope scope, Node node) {
    if (!(node.operator() instanceof DequantizeLinear dequantize)
        || dequantize.blockSize() != 0
        || (dequantize.outputDType() != null && dequantize.outputDType() != DType.FLOAT32)) {
      return Optional.empty();
    }
    TensorType type = scope.type(node.input(0)).orElse(null);
    return of(scope, node, type == null ? null : type.dtype());
  }

  private static Optional<QuantizationGrid> of(Scope scope, Node node, @Nullable DType known) {
    Tensor scale = scope.constant(node.input(1)).orElse(null);
    Tensor zero = scope.constant(node.input(2)).orElse(null);
    DType dtype = zero == null ? known : zero.dtype();
    if (scale == null
        || scale.dtype() != DType.FLOAT32
        || scale.size() != 1
        || !(scale.getFloat(0) > 0 && Float.isFinite(scale.getFloat(0)))
        || (node.hasInput(2) && (zero == null || zero.size() != 1))
        || (dtype != DType.INT8 && dtype != DType.UINT8)) {
      return Optional.empty();
    }
    return Optional.of(
        new QuantizationGrid(dtype, scale.getFloat(0), zero == null ? 0 : zero.getInt(0)));
  }
}
