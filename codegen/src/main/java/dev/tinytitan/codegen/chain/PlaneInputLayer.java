package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.emit.VectorCode;

/** Brings the input of a {@link SparseProductLayer} into its planes. */
final class PlaneInputLayer implements SplitLayer {
  private final SparseForm form;
  private final int planes;
  private final int from;
  private final int to;

  /**
   * All phases.
   *
   * @param planes where the first plane starts, in the binding's memory
   */
  PlaneInputLayer(SparseForm form, int planes) {
    this(form, planes, 0, form.grid().phases().size());
  }

  private PlaneInputLayer(SparseForm form, int planes, int from, int to) {
    this.form = form;
    this.planes = planes;
    this.from = from;
    this.to = to;
  }

  @Override
  public String name() {
    return "to_planes";
  }

  @Override
  public long products() {
    return 0;
  }

  @Override
  public long bytes() {
    int phases = form.grid().phases().size();
    return 2L * form.inputBytes() * (to - from) / phases;
  }

  /** Pieces are phases. */
  @Override
  public int rows() {
    return to - from;
  }

  @Override
  public boolean givesRows() {
    return false;
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
  public Layer rows(int first, int end) {
    return new PlaneInputLayer(form, planes, from + first, from + end);
  }

  @Override
  public void emit(VectorCode code) {
    form.dense().input().requireWithin(form.grid().origin(), form.grid().end());
    new PlaneTransfer(code, form.grid(), form.planeBytes())
        .emitInput(planes, form.terms().halves(), from, to);
  }
}
