package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.emit.Clipping;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Instruction;
import java.util.List;

/** Sum, difference or product of two float tensors of one shape, cut to a range. */
final class FloatPairLayer implements SplitLayer {
  private static final int X = 0;
  private static final int SPARE = 1;

  private final Instruction instruction;
  private final Buffer left;
  private final Buffer right;
  private final Buffer output;
  private final Clipping clipping;

  /**
   * @param instruction what combines two vectors
   */
  FloatPairLayer(
      Instruction instruction, Buffer left, Buffer right, Buffer output, Clipping clipping) {
    this.instruction = instruction;
    this.left = left;
    this.right = right;
    this.output = output;
    this.clipping = clipping;
  }

  @Override
  public String name() {
    return "float_pair";
  }

  @Override
  public long products() {
    return 0;
  }

  @Override
  public long bytes() {
    return 3L * output.byteSize();
  }

  @Override
  public int rows() {
    return output.height();
  }

  @Override
  public boolean isRowwise() {
    return true;
  }

  @Override
  public Layer rows(int from, int to) {
    return new FloatPairLayer(
        instruction, left.rows(from, to), right.rows(from, to), output.rows(from, to), clipping);
  }

  @Override
  public void emit(VectorCode code) {
    new Rows(code, List.of(left, right, output))
        .emit((at, count) -> {
          code.load(X, at.get(0));
          code.op(instruction, X, X, at.get(1));
          clipping.emit(code, SPARE, X);
          code.store(at.get(2), X, 0, count, SPARE);
        });
  }
}
