package dev.tinytitan.kernel;

import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Product of a stack of rows with constant, packed weights. */
final class FloatMatMulKernel implements Kernel {
  private final MatrixNode node;
  private final int rows;
  private final PanelLayout layout;
  private final float[] weights;
  private final BlockedProduct product;
  private final int scratchFloats;

  FloatMatMulKernel(VectorOperations operations, KernelRequest request) {
    this.node = MatrixNode.of(request);
    this.rows = node.batch().size() * node.rows();
    this.layout = operations.matrices().layout(node.depth(), node.columns());
    this.weights =
        request
            .packed()
            .get(
                request.constant(1),
                "panels " + layout.panelWidth() + " " + node.transB() + " " + node.alpha(),
                float[].class,
                () -> pack(request.constant(1)));
    this.product =
        new BlockedProduct(
            operations.matrices(),
            GatheredRows.of(rows, node.depth(), node.depth()),
            layout,
            layout.padded(node.bias(request), 0),
            FloatEpilogue.of(operations.elements(), node.then()));
    this.scratchFloats = operations.matrices().scratchFloats();
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    if (!request.isConstant(1)) {
      return Optional.of("b is not constant");
    }
    if (MatrixNode.stack(request.inputShape(1)).size() != 1) {
      return Optional.of("b is a stack of matrices");
    }
    return MatrixNode.refusal(request);
  }

  private float[] pack(Tensor tensor) {
    float[] packed = new float[layout.size()];
    layout.pack(
        tensor.toFloatArray(), 0, node.depthStride(), node.columnStride(), node.alpha(), packed, 0);
    return packed;
  }

  @Override
  public boolean reads(int index) {
    return index == 0 || index == 3;
  }

  @Override
  public int parts(int threads) {
    int units = Math.max(layout.panels(), rows / BlockedProduct.ROW_MULTIPLE);
    return Work.parts(threads, Work.ofProducts(node.products()), units);
  }

  @Override
  public int scratchFloats() {
    return scratchFloats;
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] a = Objects.requireNonNull(inputs[0]).floatArray();
    float[] y = Objects.requireNonNull(outputs[0]).floatArray();
    Tensor residualTensor = inputs.length > 3 ? inputs[3] : null;
    float[] residual = residualTensor == null ? null : residualTensor.floatArray();
    // Parts of the columns share no weights, parts of the rows share all of them.
    boolean byColumns = layout.panels() >= 2 * parts;
    int rowFrom = byColumns ? 0 : Work.bound(rows, BlockedProduct.ROW_MULTIPLE, part, parts);
    int rowTo = byColumns ? rows : Work.bound(rows, BlockedProduct.ROW_MULTIPLE, part + 1, parts);
    int panelFrom = byColumns ? Work.bound(layout.panels(), 1, part, parts) : 0;
    int panelTo = byColumns ? Work.bound(layout.panels(), 1, part + 1, parts) : layout.panels();
    if (rowFrom < rowTo && panelFrom < panelTo) {
      product.run(
          a,
          0,
          weights,
          0,
          y,
          0,
          node.columns(),
          residual,
          0,
          rowFrom,
          rowTo,
          panelFrom,
          panelTo,
          scratch);
    }
  }
}
