package dev.tinytitan.kernel;

import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Integer product of a single row with a constant matrix that stays in bytes. Each weight is used
 * once, so that reading them is what it takes; as floats they would be four times as much.
 */
final class IntegerRowKernel implements Kernel {
  private final MatrixOperations operations;
  private final PanelLayout layout;
  private final byte[] packed;
  private final float[] starts;
  private final Finish finish;

  /**
   * @param weights exact ones that fit into bytes
   * @param rowStride distance of neighbours along the sums in the matrix
   * @param columnStride distance of neighbouring columns
   * @param finish one factor for each column
   */
  private IntegerRowKernel(
      MatrixOperations operations,
      KernelRequest request,
      IntegerWeights weights,
      PanelLayout layout,
      int rowStride,
      int columnStride,
      Finish finish) {
    this.operations = operations;
    this.layout = layout;
    this.packed =
        request
            .packed()
            .get(
                request.constant(1),
                "byte panels " + layout.panelWidth() + " " + rowStride,
                byte[].class,
                () -> pack(weights.values().array, rowStride, columnStride));
    this.starts = layout.padded(weights.low().array, 0);
    this.finish = finish.padded(layout.paddedColumns());
  }

  /**
   * The kernel, if it is what such a product is fastest with: where the engine multiplies bytes,
   * the weights fit into them, and all sums are exact in float32.
   *
   * @param rowStride distance of neighbours along the sums in the matrix
   * @param columnStride distance of neighbouring columns
   */
  static Optional<Kernel> of(
      VectorOperations operations,
      KernelRequest request,
      IntegerWeights weights,
      int rowStride,
      int columnStride,
      Epilogue epilogue) {
    int columns = request.outputShape(0).dim(-1);
    if (request.outputShape(0).size() != columns
        || !operations.matrices().multipliesBytes()
        || !weights.isExact()
        || !weights.fitBytes()) {
      return Optional.empty();
    }
    PanelLayout layout = operations.matrices().layout(request.inputShape(0).dim(-1), columns);
    return epilogue
        .finish(columns)
        .map(finish ->
            new IntegerRowKernel(
                operations.matrices(), request, weights, layout, rowStride, columnStride, finish));
  }

  private byte[] pack(float[] matrix, int rowStride, int columnStride) {
    float[] panels = new float[layout.size()];
    layout.pack(matrix, 0, rowStride, columnStride, 1, panels, 0);
    byte[] bytes = new byte[panels.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (int) panels[i];
    }
    return bytes;
  }

  @Override
  public boolean reads(int index) {
    return index == 0;
  }

  @Override
  public int parts(int threads) {
    double products = (double) layout.depth() * layout.columns();
    return Work.parts(threads, Work.ofProducts(products), layout.panels());
  }

  @Override
  public int scratchFloats() {
    return operations.scratchFloats();
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    operations.multiplyBytes(
        Objects.requireNonNull(inputs[0]).floatArray(),
        layout,
        packed,
        starts,
        finish,
        Objects.requireNonNull(outputs[0]).floatArray(),
        Work.bound(layout.panels(), 1, part, parts),
        Work.bound(layout.panels(), 1, part + 1, parts),
        scratch);
  }
}
