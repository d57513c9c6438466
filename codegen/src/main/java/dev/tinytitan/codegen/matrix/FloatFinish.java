package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Mem;

/** Sums of floats that start from their biases, the one constant of a column. */
final class FloatFinish implements MatrixFinish {
  /** How many constants each column has. */
  static final int CONSTANTS = 1;

  private final VectorCode code;
  private final MatrixEpilogue epilogue;

  FloatFinish(VectorCode code, MatrixEpilogue epilogue) {
    this.code = code;
    this.epilogue = epilogue;
  }

  @Override
  public void start(int rows, int vectors, Mem constants) {
    for (int sum = 0; sum < rows * vectors; sum++) {
      code.load(sum, constants.plus(sum % vectors * code.vectorBytes()));
    }
  }

  @Override
  public void emit(Tile tile) {
    epilogue.emit(tile);
  }
}
