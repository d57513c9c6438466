package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.op.DequantizedMatMul;
import dev.tinytitan.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Packs the weights of a {@link DequantizedMatMul} as {@link NarrowFormat} has them. */
final class NarrowPanels implements PanelPacking {
  private final NarrowFormat format;
  private final Tensor matrix;
  private final Tensor scale;
  private final @Nullable Tensor zero;
  private final @Nullable Tensor bias;
  private final boolean transposed;
  private final boolean grouped;
  private final float alpha;

  /** What is added to an integer to make it signed. */
  private final int shift;

  private NarrowPanels(NarrowFormat format, KernelRequest request) {
    DequantizedMatMul operator = request.operator(DequantizedMatMul.class);
    this.format = format;
    this.matrix = request.constant(1);
    this.scale = request.constant(DequantizedMatMul.SCALE);
    this.zero = zero(request);
    this.bias = request.hasInput(2) ? request.constant(2) : null;
    this.transposed = operator.product().transB();
    this.grouped = operator.weights().blockSize() > 0;
    this.alpha = operator.product().alpha();
    this.shift = shift(matrix);
  }

  /**
   * The panels of a node.
   *
   * @param format {@link #format}, for this node
   */
  static NarrowPanels of(NarrowFormat format, KernelRequest request) {
    return new NarrowPanels(format, request);
  }

  /** The form in which a node's weights are packed. */
  static NarrowFormat format(Isa isa, MatrixShape shape, KernelRequest request) {
    Tensor matrix = request.constant(1);
    Tensor zero = zero(request);
    boolean zeros = zero == null && shift(matrix) != 0;
    for (int i = 0; zero != null && i < zero.size(); i++) {
      zeros |= zero.getInt(i) + shift(matrix) != 0;
    }
    int block = request.operator(DequantizedMatMul.class).weights().blockSize();
    int steps = block == 0 ? shape.depth() : Math.min(block, shape.depth());
    return new NarrowFormat(isa, shape, matrix.dtype().bits() == 4, zeros, steps);
  }

  private static @Nullable Tensor zero(KernelRequest request) {
    return request.hasInput(DequantizedMatMul.ZERO_POINT)
        ? request.constant(DequantizedMatMul.ZERO_POINT)
        : null;
  }

  private static int shift(Tensor matrix) {
    return matrix.dtype().isUnsigned() ? -(1 << (matrix.dtype().bits() - 1)) : 0;
  }

  @Override
  public int bytes(int panel) {
    return format.bytes(vectors(panel));
  }

  private int vectors(int panel) {
    return MatrixShape.vectors(format.isa(), format.shape().columnsOf(format.isa(), panel));
  }

  @Override
  public byte[] pack(int panel) {
    int columns = format.shape().columnsOf(format.isa(), panel);
    int first = panel * MatrixShape.panelColumns(format.isa());
    int vectors = vectors(panel);
    int width = vectors * format.isa().vectorBits() / 32;
    byte[] packed = new byte[format.bytes(vectors)];
    for (int column = 0; column < columns; column++) {
      float value = bias == null ? 0 : bias.getFloat(first + column);
      PanelPacking.putFloat(packed, Float.BYTES * column, value);
    }
    int at = Float.BYTES * width;
    for (int group = 0; group < format.groups(); group++) {
      int from = group * format.groupSteps();
      int steps = Math.min(format.groupSteps(), format.shape().depth() - from);
      int weights = at + vectors * format.factorBytes();
      for (int column = 0; column < columns; column++) {
        int factor = factor(group, first + column);
        float factorScale = scale.getFloat(scale.size() == 1 ? 0 : factor) * alpha;
        PanelPacking.putFloat(packed, at + Float.BYTES * column, factorScale);
        if (format.zeros()) {
          int value = zero == null ? 0 : zero.getInt(zero.size() == 1 ? 0 : factor);
          PanelPacking.putFloat(packed, at + Float.BYTES * (width + column), -(value + shift));
        }
        for (int step = 0; step < steps; step++) {
          int weight = weight(from + step, first + column);
          int place = weights + step / format.unit() * width + column;
          if (!format.halves()) {
            packed[place] = (byte) weight;
          } else {
            packed[place] = (byte) (packed[place] | (weight & 0xF) << (4 * (step % 2)));
          }
        }
      }
      at = weights + vectors * format.weightBytes(steps);
    }
    return packed;
  }

  private int weight(int step, int column) {
    MatrixShape shape = format.shape();
    int from = transposed ? column * shape.depth() + step : step * shape.columns() + column;
    return matrix.getInt(from) + shift;
  }

  /** Where a column's scale and zero point stand, if there are several. */
  private int factor(int group, int column) {
    if (!grouped) {
      return column;
    }
    return transposed
        ? column * format.groups() + group
        : group * format.shape().columns() + column;
  }
}
