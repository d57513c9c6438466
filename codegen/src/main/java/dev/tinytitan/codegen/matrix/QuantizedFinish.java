package dev.tinytitan.codegen.matrix;

import static dev.tinytitan.codegen.x86.Instruction.VADDPS;
import static dev.tinytitan.codegen.x86.Instruction.VBROADCASTSS;
import static dev.tinytitan.codegen.x86.Instruction.VCVTDQ2PS;
import static dev.tinytitan.codegen.x86.Instruction.VMULPS;
import static dev.tinytitan.codegen.x86.Instruction.VPBROADCASTD;
import static dev.tinytitan.codegen.x86.Instruction.VPMULLD;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Mem;

/**
 * Exact sums of steps to floats: {@code float(sum) · (x scale · w scale) + bias}, each operation
 * rounded, as docs/numerics.md has it. Constants of a column: its weights' negated sum, which the
 * input's zero point is multiplied with; its scale; its bias.
 */
final class QuantizedFinish implements MatrixFinish {
  /** How many constants each column has. */
  static final int CONSTANTS = 3;

  private final VectorCode code;
  private final MatrixEpilogue epilogue;

  QuantizedFinish(VectorCode code, MatrixEpilogue epilogue) {
    this.code = code;
    this.epilogue = epilogue;
  }

  @Override
  public void start(int rows, int vectors, Mem constants) {
    int zero = rows * vectors;
    code.assembler()
        .emit(VPBROADCASTD, code.vector(zero), MatrixArguments.at(MatrixArguments.ZERO_POINT));
    for (int vector = 0; vector < vectors; vector++) {
      code.op(VPMULLD, vector, zero, constants.plus(vector * code.vectorBytes()));
      for (int row = 1; row < rows; row++) {
        code.copy(row * vectors + vector, vector);
      }
    }
  }

  @Override
  public void emit(Tile tile) {
    int vectors = tile.vectors();
    int scale = tile.rows() * vectors;
    int product = scale + 1;
    Mem scales = tile.constants().plus(vectors * code.vectorBytes());
    Mem biases = scales.plus(vectors * code.vectorBytes());
    code.assembler()
        .emit(VBROADCASTSS, code.vector(scale), MatrixArguments.at(MatrixArguments.SCALE));
    for (int vector = 0; vector < vectors; vector++) {
      code.op(VMULPS, product, scale, scales.plus(vector * code.vectorBytes()));
      for (int row = 0; row < tile.rows(); row++) {
        int sum = row * vectors + vector;
        code.op(VCVTDQ2PS, sum, sum);
        code.op(VMULPS, sum, sum, product);
        code.op(VADDPS, sum, sum, biases.plus(vector * code.vectorBytes()));
      }
    }
    epilogue.emit(tile);
  }
}
