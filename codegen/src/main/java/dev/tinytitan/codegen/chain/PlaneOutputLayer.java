package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.emit.VectorCode;

/** Brings the results of a {@link SparseProductLayer} from planes to the output's buffer. */
final class PlaneOutputLayer implements SplitLayer {
  private final ProductLayer dense;
  private final PlaneGrid grid;
  private final int results;
  private final int planeBytes;
  private final Buffer output;

  /**
   * The whole output.
   *
   * @param results where the first plane starts, in the binding's memory
   */
  PlaneOutputLayer(ProductLayer dense, PlaneGrid grid, int results, int planeBytes) {
    this(dense, grid, results, planeBytes, dense.output());
  }

  private PlaneOutputLayer(
      ProductLayer dense, PlaneGrid grid, int results, int planeBytes, Buffer output) {
    this.dense = dense;
    this.grid = grid;
    this.results = results;
    this.planeBytes = planeBytes;
    this.output = output;
  }

  @Override
  public String name() {
    return "from_planes";
  }

  @Override
  public long products() {
    return 0;
  }

  @Override
  public long bytes() {
    return 2L * output.height() * output.rowInside();
  }

  @Override
  public int rows() {
    return output.height();
  }

  @Override
  public double splitWeight() {
    return SparseForm.SPLIT_WEIGHT;
  }

  @Override
  public boolean isRowwise() {
    return false;
  }

  @Override
  public Layer rows(int from, int to) {
    int start = results + 4 * from * grid.pitch();
    return new PlaneOutputLayer(dense, grid, start, planeBytes, dense.output().rows(from, to));
  }

  @Override
  public void emit(VectorCode code) {
    output.requireWithin(
        output.inside(),
        output.inside() + (output.height() - 1L) * output.rowBytes() + output.rowInside());
    new PlaneTransfer(code, grid, planeBytes).emitOutput(results, output);
  }
}
