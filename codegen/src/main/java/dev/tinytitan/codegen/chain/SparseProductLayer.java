package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.emit.VectorCode;
import java.util.List;

/** The products of a {@link SparseForm}: from planes to planes. */
final class SparseProductLayer implements SplitLayer {
  private final SparseForm form;
  private final int input;
  private final List<PlaneTarget> targets;
  private final int firstTile;
  private final int tiles;

  /**
   * All places.
   *
   * @param input where the first plane of the input starts, in the binding's memory
   * @param targets where results go
   */
  SparseProductLayer(SparseForm form, int input, List<PlaneTarget> targets) {
    this(form, input, targets, 0, form.tiling().tiles());
  }

  private SparseProductLayer(
      SparseForm form, int input, List<PlaneTarget> targets, int firstTile, int tiles) {
    this.form = form;
    this.input = input;
    this.targets = List.copyOf(targets);
    this.firstTile = firstTile;
    this.tiles = tiles;
  }

  SparseForm form() {
    return form;
  }

  /** Where the first plane of the input starts. */
  int input() {
    return input;
  }

  List<PlaneTarget> targets() {
    return targets;
  }

  /** The first tile of places that is computed. */
  int firstTile() {
    return firstTile;
  }

  @Override
  public String name() {
    return "sparse_" + form.dense().name();
  }

  @Override
  public long products() {
    double all = form.dense().products() * form.terms().density();
    return Math.round(all * tiles / form.tiling().tiles());
  }

  @Override
  public long bytes() {
    return (form.dense().bytes() + form.inputBytes()) * tiles / form.tiling().tiles();
  }

  /** Pieces are tiles of places, of whole vectors. */
  @Override
  public int rows() {
    return tiles;
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
  public Layer rows(int from, int to) {
    return new SparseProductLayer(form, input, targets, firstTile + from, to - from);
  }

  @Override
  public void emit(VectorCode code) {
    new SparseGenerator(code, this).emit();
  }
}
