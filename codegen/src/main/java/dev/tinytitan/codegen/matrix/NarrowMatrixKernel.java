package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.memory.NativeFunction;
import dev.tinytitan.kernel.PackedWeights;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rows of floats times a matrix of narrow weights. The first rows are multiplied with the weights
 * as they come. If there are more, each panel meanwhile becomes floats in memory that stays in the
 * cache, and is multiplied with them as any other. Threads share panels, so that each is widened
 * once.
 */
final class NarrowMatrixKernel extends MatrixKernel {
  private final int directRows;
  private final long panelBytes;
  private final @Nullable NativeFunction[] functions;

  NarrowMatrixKernel(
      PackedMatrix matrix,
      NarrowFormat format,
      int rows,
      double productsPerNano,
      PackedWeights owner) {
    super(matrix, rows, productsPerNano, owner);
    this.directRows = NarrowCode.directRows(format);
    boolean direct = rows <= directRows;
    this.functions =
        direct
            ? functions(NarrowCode.DIRECT, NarrowCode.DIRECT_LAST)
            : functions(NarrowCode.WIDEN, NarrowCode.WIDEN_LAST);
    int lineBytes = MatrixShape.vectors(format.isa()) * format.isa().vectorBits() / 8;
    long floats = (format.shape().depth() + 1L) * lineBytes;
    this.panelBytes = direct ? 0 : Math.ceilDiv(floats, 64L) * 64;
  }

  @Override
  int residualIndex() {
    return FloatMatrixKernel.RESIDUAL;
  }

  @Override
  long panelBytes() {
    return panelBytes;
  }

  @Override
  boolean sharesPanels(int threads) {
    return true;
  }

  @Override
  int rowsOfFirstCall() {
    return directRows;
  }

  @Override
  NativeFunction function(int panel, boolean first) {
    return first
        ? Objects.requireNonNull(functions[matrix().isWhole(panel) ? 0 : 1])
        : super.function(panel, false);
  }

  @Override
  long weights(int panel, boolean first, long memory) {
    return first ? matrix().weights(panel) : memory;
  }
}
