package dev.tinytitan.kernel;

import dev.tinytitan.op.DequantizedMatMul;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Product of a stack of rows with a matrix that stays in 8 or 4 bits: one panel of its columns at a
 * time becomes floats in scratch memory, and is multiplied with all rows before the next.
 */
final class DequantizedMatMulKernel implements Kernel {
  /** Most columns of a panel, so that the floats of a panel of usual depth stay in a cache. */
  private static final int MOST_COLUMNS = 128;

  private static final double NANOS_OF_ELEMENT = 0.1;

  private final MatrixNode node;
  private final int rows;
  private final PanelLayout layout;
  private final NarrowPanels weights;
  private final BlockedProduct product;
  private final IntegerOperations integers;
  private final int scratchFloats;

  DequantizedMatMulKernel(VectorOperations operations, KernelRequest request) {
    MatrixOperations matrices = operations.matrices();
    this.node = MatrixNode.of(request);
    this.rows = node.batch().size() * node.rows();
    int vectors = Math.min(matrices.panelVectors(), MOST_COLUMNS / matrices.lanes());
    this.layout = new PanelLayout(matrices.lanes(), vectors, node.depth(), node.columns());
    this.weights =
        request
            .packed()
            .get(
                request.constant(1),
                "narrow panels "
                    + layout.panelWidth()
                    + " "
                    + request.operator(DequantizedMatMul.class).weights()
                    + " "
                    + node.transB()
                    + " "
                    + node.alpha()
                    + " "
                    + request.node().inputs().subList(DequantizedMatMul.SCALE, inputs(request)),
                NarrowPanels.class,
                () -> NarrowPanels.of(request, node, layout));
    this.product =
        new BlockedProduct(
            matrices,
            GatheredRows.of(rows, node.depth(), node.depth()),
            layout,
            layout.padded(node.bias(request), 0),
            FloatEpilogue.of(operations.elements(), node.then()));
    this.integers = operations.integers();
    this.scratchFloats = matrices.scratchFloats();
  }

  private static int inputs(KernelRequest request) {
    return request.node().inputs().size();
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    for (int i = 1; i < inputs(request); i++) {
      if (i != 3 && request.hasInput(i) && !request.isConstant(i)) {
        return Optional.of("the matrix, its scales or the bias are not constant");
      }
    }
    DType dtype = request.inputDType(1);
    if (request.inputShape(1).rank() != 2 || (dtype.bits() != 8 && dtype.bits() != 4)) {
      return Optional.of("no matrix of 8 or 4 bits");
    }
    MatrixNode node = MatrixNode.of(request);
    return node.products() == 0 ? Optional.of("nothing to compute") : Optional.empty();
  }

  /** Estimated nanoseconds. */
  static double cost(KernelRequest request) {
    return Work.ofProducts(MatrixNode.of(request).products())
        + Work.ofElements(request.inputShape(1).size(), NANOS_OF_ELEMENT);
  }

  @Override
  public boolean reads(int index) {
    return index == 0 || index == 3;
  }

  @Override
  public int parts(int threads) {
    double nanos =
        Work.ofProducts(node.products())
            + (double) node.depth() * node.columns() * NANOS_OF_ELEMENT;
    return Work.parts(threads, nanos, layout.panels());
  }

  /** The product's own scratch, a panel of floats, and a line of zero points. */
  @Override
  public int scratchFloats() {
    return scratchFloats + Math.multiplyExact(layout.width(0), node.depth() + 1);
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] a = Objects.requireNonNull(inputs[0]).floatArray();
    float[] y = Objects.requireNonNull(outputs[0]).floatArray();
    Tensor residualTensor = inputs[3];
    float[] residual = residualTensor == null ? null : residualTensor.floatArray();
    int to = Work.bound(layout.panels(), 1, part + 1, parts);
    for (int panel = Work.bound(layout.panels(), 1, part, parts); panel < to; panel++) {
      weights.widen(integers, layout, panel, scratch.floats(), scratchFloats);
      product.run(
          a,
          0,
          scratch.floats(),
          scratchFloats - layout.offset(panel),
          y,
          0,
          node.columns(),
          residual,
          0,
          0,
          rows,
          panel,
          panel + 1,
          scratch);
    }
  }

  /**
   * A matrix in panels, as {@link PanelLayout} has them, of bytes or of halves of bytes: there, the
   * first half of a row's columns lies in the low bits, the second half in the high bits. Halves
   * are unsigned, bytes are signed; where the model has it otherwise, integers and zero points are
   * both moved. Immutable.
   *
   * @param values panel by panel, row by row
   * @param scales of each group of rows: in each panel, one for each of its columns
   * @param zeros as the scales; of a single element where all are equal
   * @param groupRows rows that share scales
   */
  // Never compared; arrays so that loops read them without a call.
  @SuppressWarnings("ArrayRecordComponent")
  private record NarrowPanels(
      byte[] values, float[] scales, byte[] zeros, int groupRows, boolean halves) {

    static NarrowPanels of(KernelRequest request, MatrixNode node, PanelLayout layout) {
      Tensor matrix = request.constant(1);
      Tensor scale = request.constant(DequantizedMatMul.SCALE);
      Tensor zero =
          request.hasInput(DequantizedMatMul.ZERO_POINT)
              ? request.constant(DequantizedMatMul.ZERO_POINT)
              : null;
      int block = request.operator(DequantizedMatMul.class).weights().blockSize();
      int groupRows = block == 0 ? node.depth() : Math.min(block, node.depth());
      int groups = Math.ceilDiv(node.depth(), groupRows);
      boolean halves = matrix.dtype().bits() == 4;
      int shift = halves == matrix.dtype().isUnsigned() ? 0 : halves ? 8 : -128;
      int padded = layout.paddedColumns();
      byte[] values = new byte[Math.multiplyExact(padded, node.depth()) / (halves ? 2 : 1)];
      float[] scales = new float[groups * padded];
      byte[] zeros = new byte[zero == null || zero.size() == 1 ? 1 : groups * padded];
      zeros[0] = (byte) ((zero == null ? 0 : zero.getInt(0)) + shift);
      for (int column = 0; column < node.columns(); column++) {
        int panel = column / layout.panelWidth();
        int width = layout.width(panel);
        int within = column - panel * layout.panelWidth();
        for (int k = 0; k < node.depth(); k++) {
          int from = node.transB() ? column * node.depth() + k : k * node.columns() + column;
          int value = matrix.getInt(from) + shift;
          int row = layout.offset(panel) + k * width;
          if (halves) {
            int half = width / 2;
            int at = row / 2 + within % half;
            values[at] = (byte) (values[at] | value << (within < half ? 0 : 4));
          } else {
            values[row + within] = (byte) value;
          }
        }
        for (int group = 0; group < groups; group++) {
          int from =
              scale.size() == 1
                  ? 0
                  : block == 0
                      ? column
                      : node.transB() ? column * groups + group : group * node.columns() + column;
          int at = panel * layout.panelWidth() * groups + group * width + within;
          scales[at] = scale.getFloat(from) * node.alpha();
          if (zeros.length > 1) {
            zeros[at] = (byte) (Objects.requireNonNull(zero).getInt(from) + shift);
          }
        }
      }
      return new NarrowPanels(values, scales, zeros, groupRows, halves);
    }

    /** Writes a panel as floats, and behind it what is needed on the way. */
    void widen(IntegerOperations integers, PanelLayout layout, int panel, float[] to, int toFrom) {
      int width = layout.width(panel);
      int groups = Math.ceilDiv(layout.depth(), groupRows);
      int line = toFrom + layout.width(0) * layout.depth();
      Arrays.fill(to, line, line + width, zeros[0]);
      for (int group = 0; group < groups; group++) {
        int factors = panel * layout.panelWidth() * groups + group * width;
        for (int j = 0; zeros.length > 1 && j < width; j++) {
          to[line + j] = zeros[factors + j];
        }
        int row = group * groupRows;
        int from = layout.offset(panel) + row * width;
        integers.dequantizeRows(
            values,
            halves ? from / 2 : from,
            halves,
            line,
            scales,
            factors,
            to,
            toFrom + row * width,
            Math.min(groupRows, layout.depth() - row),
            width);
      }
    }
  }
}
