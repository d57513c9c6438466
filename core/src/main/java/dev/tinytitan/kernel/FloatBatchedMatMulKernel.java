package dev.tinytitan.kernel;

import dev.tinytitan.op.Shapes;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Stack of matrix products both of whose sides change: b is packed in each run. */
final class FloatBatchedMatMulKernel implements Kernel {
  private final MatrixNode node;
  private final PanelLayout layout;
  private final BlockedProduct product;
  private final int tileFloats;
  private final int[] aOffsets;
  private final int[] bOffsets;

  FloatBatchedMatMulKernel(VectorOperations operations, KernelRequest request) {
    this.node = MatrixNode.of(request);
    this.layout = operations.matrices().layout(node.depth(), node.columns());
    this.product =
        new BlockedProduct(
            operations.matrices(),
            GatheredRows.of(node.rows(), node.depth(), node.depth()),
            layout,
            layout.padded(node.bias(request), 0),
            FloatEpilogue.of(operations.elements(), node.then()));
    this.tileFloats = operations.matrices().scratchFloats();
    this.aOffsets = offsets(node.a(), node.rows() * node.depth());
    this.bOffsets = offsets(node.b(), node.depth() * node.columns());
  }

  /** Where the matrix of each product lies in a stack that is broadcast to all of them. */
  private int[] offsets(Shape shape, int matrix) {
    int[] dims = node.batch().toArray();
    int[] strides = Shapes.broadcastStrides(MatrixNode.stack(shape), node.batch());
    int[] offsets = new int[node.batch().size()];
    int[] counter = new int[dims.length];
    int at = 0;
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = at * matrix;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        at += strides[axis];
        if (++counter[axis] < dims[axis]) {
          break;
        }
        at -= strides[axis] * dims[axis];
        counter[axis] = 0;
      }
    }
    return offsets;
  }

  @Override
  public boolean reads(int index) {
    return index != 2;
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, Work.ofProducts(node.products()), aOffsets.length);
  }

  @Override
  public int scratchFloats() {
    return tileFloats + layout.size();
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] a = Objects.requireNonNull(inputs[0]).floatArray();
    float[] b = Objects.requireNonNull(inputs[1]).floatArray();
    float[] y = Objects.requireNonNull(outputs[0]).floatArray();
    Tensor residualTensor = inputs.length > 3 ? inputs[3] : null;
    float[] residual = residualTensor == null ? null : residualTensor.floatArray();
    int size = node.rows() * node.columns();
    int from = Work.bound(aOffsets.length, 1, part, parts);
    int to = Work.bound(aOffsets.length, 1, part + 1, parts);
    for (int i = from; i < to; i++) {
      if (i == from || bOffsets[i] != bOffsets[i - 1]) {
        layout.pack(
            b,
            bOffsets[i],
            node.depthStride(),
            node.columnStride(),
            node.alpha(),
            scratch.floats(),
            tileFloats);
      }
      product.run(
          a,
          aOffsets[i],
          scratch.floats(),
          tileFloats,
          y,
          i * size,
          node.columns(),
          residual,
          i * size,
          0,
          node.rows(),
          0,
          layout.panels(),
          scratch);
    }
  }
}
