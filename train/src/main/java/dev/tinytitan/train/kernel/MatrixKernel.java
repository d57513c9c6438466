package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.Finish;
import dev.tinytitan.kernel.GatheredRows;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.MatrixOperations;
import dev.tinytitan.kernel.PanelLayout;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.VectorOperations;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Product of two matrices that change from run to run, either of them transposed, with a bias that
 * changes too. The left one is read where it lies; the right one is packed in each run.
 */
final class MatrixKernel implements Kernel {
  private final MatrixOperations operations;
  private final GatheredRows left;
  private final PanelLayout layout;
  private final int rows;
  private final int depth;
  private final int columns;
  private final boolean transB;
  private final float alpha;
  private final float beta;
  private final int biasSize;
  private final float[] zeros;
  private final Finish finish;

  MatrixKernel(VectorOperations operations, KernelRequest request) {
    this.operations = operations.matrices();
    Shape a = request.inputShape(0);
    Gemm gemm = request.operator() instanceof Gemm general ? general : new Gemm(1, 1, false, false);
    this.rows = a.dim(gemm.transA() ? 1 : 0);
    this.depth = a.dim(gemm.transA() ? 0 : 1);
    this.columns = request.outputShape(0).dim(1);
    this.transB = gemm.transB();
    this.alpha = gemm.alpha();
    this.beta = gemm.beta();
    this.biasSize = request.hasInput(2) && beta != 0 ? request.inputShape(2).size() : 0;
    this.layout = this.operations.layout(depth, columns);
    this.zeros = new float[layout.paddedColumns()];
    this.finish = Finish.none(layout.paddedColumns());
    this.left = gemm.transA() ? transposed() : GatheredRows.of(rows, depth, depth);
  }

  private GatheredRows transposed() {
    int[] starts = new int[rows];
    int[] steps = new int[depth];
    Arrays.setAll(starts, row -> row);
    Arrays.setAll(steps, k -> k * rows);
    return new GatheredRows(starts, steps, 1);
  }

  static Optional<String> refusal(KernelRequest request) {
    if (request.inputShape(0).rank() != 2 || request.inputShape(1).rank() != 2) {
      return Optional.of("not two matrices");
    }
    if (request.inputShape(0).size() == 0 || request.inputShape(1).size() == 0) {
      return Optional.of("nothing to compute");
    }
    if (!request.hasInput(2)) {
      return Optional.empty();
    }
    Shape bias = request.inputShape(2);
    int columns = request.outputShape(0).dim(1);
    return bias.size() == 1 || (bias.size() == columns && bias.dim(-1) == columns)
        ? Optional.empty()
        : Optional.of("the bias has not one element per column");
  }

  /** Estimated nanoseconds; a little more than those of a kernel for a constant right side. */
  static double cost(KernelRequest request) {
    return 1.1
        * Work.ofProducts((double) request.inputShape(0).size() * request.outputShape(0).dim(1));
  }

  @Override
  public int parts(int threads) {
    double nanos = Work.ofProducts((double) rows * depth * columns);
    return Work.parts(threads, nanos, Math.max(layout.panels(), rows / Images.ROW_MULTIPLE));
  }

  @Override
  public int scratchFloats() {
    return operations.scratchFloats() + layout.size();
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] b = Arrays32.of(inputs[1]);
    float[] y = Arrays32.of(outputs[0]);
    float[] memory = scratch.floats();
    boolean byPanel = layout.panels() >= parts;
    int panelFrom = byPanel ? Work.bound(layout.panels(), 1, part, parts) : 0;
    int panelTo = byPanel ? Work.bound(layout.panels(), 1, part + 1, parts) : layout.panels();
    int rowFrom = byPanel ? 0 : Work.bound(rows, Images.ROW_MULTIPLE, part, parts);
    int rowTo = byPanel ? rows : Work.bound(rows, Images.ROW_MULTIPLE, part + 1, parts);
    if (rowFrom == rowTo || panelFrom == panelTo) {
      return;
    }
    int packed = operations.scratchFloats();
    layout.pack(
        b, 0, transB ? 1 : columns, transB ? depth : 1, alpha, memory, packed, panelFrom, panelTo);
    operations.multiply(
        left,
        Arrays32.of(inputs[0]),
        0,
        layout,
        memory,
        packed,
        zeros,
        finish,
        y,
        0,
        columns,
        rowFrom,
        rowTo,
        panelFrom,
        panelTo,
        scratch);
    if (biasSize > 0) {
      int column = panelFrom * layout.panelWidth();
      int end = Math.min(columns, panelTo * layout.panelWidth());
      addBias(Arrays32.of(inputs[2]), y, rowFrom, rowTo, column, end);
    }
  }

  private void addBias(float[] bias, float[] y, int rowFrom, int rowTo, int from, int to) {
    for (int row = rowFrom; row < rowTo; row++) {
      for (int i = from; i < to; i++) {
        y[row * columns + i] += beta * bias[biasSize == 1 ? 0 : i];
      }
    }
  }
}
