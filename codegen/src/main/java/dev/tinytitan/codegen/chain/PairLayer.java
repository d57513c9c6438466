package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.VADDPS;
import static dev.tinytitan.codegen.x86.Instruction.VCVTDQ2PS;
import static dev.tinytitan.codegen.x86.Instruction.VCVTPS2DQ;
import static dev.tinytitan.codegen.x86.Instruction.VFMADD213PS;
import static dev.tinytitan.codegen.x86.Instruction.VMULPS;
import static dev.tinytitan.codegen.x86.Instruction.VPMOVZXBD;
import static dev.tinytitan.codegen.x86.Instruction.VSUBPS;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.Vec;
import dev.tinytitan.op.IntegerAdd;
import dev.tinytitan.op.IntegerBinary;
import dev.tinytitan.op.IntegerMul;
import java.util.List;

/** Sum or product of two quantized tensors of one shape, as docs/numerics.md has them. */
final class PairLayer implements SplitLayer {
  /** Registers of the second operand follow the four of the first. */
  private static final int SECOND = 4;

  private static final int SPARE = 8;

  private final Buffer left;
  private final Buffer right;
  private final Buffer output;
  private final IntegerBinary operator;

  /**
   * @param operator an {@link IntegerAdd} or {@link IntegerMul}
   */
  PairLayer(Buffer left, Buffer right, Buffer output, IntegerBinary operator) {
    this.left = left;
    this.right = right;
    this.output = output;
    this.operator = operator;
  }

  /** How far results may be from 0 before they are cut; conversion needs less than 2³¹. */
  static double reach(IntegerBinary operator) {
    return switch (operator) {
      case IntegerAdd add ->
          256.0 * (Math.abs(add.aRatio()) + Math.abs(add.bRatio())) + Math.abs(add.fixed());
      case IntegerMul mul -> 65536.0 * Math.abs(mul.multiplier()) + 256;
      default -> Double.POSITIVE_INFINITY;
    };
  }

  @Override
  public String name() {
    return operator instanceof IntegerAdd ? "add" : "mul";
  }

  @Override
  public long products() {
    return 0;
  }

  @Override
  public long bytes() {
    return 10L * output.byteSize();
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
    return new PairLayer(
        left.rows(from, to), right.rows(from, to), output.rows(from, to), operator);
  }

  @Override
  public void emit(VectorCode code) {
    Requantization requantization = Requantization.ofRounded(operator.output());
    int[] order = Requantization.inOrder(code);
    new Rows(code, List.of(left, right, output))
        .emit((at, count) -> {
          for (int i = 0; i < 4; i++) {
            widen(code, i, at.get(0), left.storedOffset(), i);
            widen(code, SECOND + i, at.get(1), right.storedOffset(), i);
            combine(code, i);
            code.op(VCVTPS2DQ, i, i);
          }
          requantization.pack(code, 0, 1, 2, 3);
          Requantization.permute(code, 0, SPARE, order);
          code.store(at.get(2), 0, 0, count, SPARE);
        });
  }

  /** Loads part {@code part} of a vector of bytes as floats of the quantized values. */
  private void widen(VectorCode code, int to, Mem from, int storedOffset, int part) {
    Vec vector = code.vector(to);
    code.assembler().emit(VPMOVZXBD, vector, from.plus(part * code.dwords()));
    code.op(VCVTDQ2PS, to, to);
    if (storedOffset != 0) {
      code.op(VSUBPS, to, to, code.floats(storedOffset));
    }
  }

  private void combine(VectorCode code, int i) {
    if (operator instanceof IntegerAdd add) {
      code.load(SPARE, code.floats(add.bRatio()));
      code.op(VFMADD213PS, SECOND + i, SPARE, code.floats(add.fixed()));
      code.load(SPARE, code.floats(add.aRatio()));
      code.op(VFMADD213PS, i, SPARE, SECOND + i);
    } else if (operator instanceof IntegerMul mul) {
      // Differences and their product are whole numbers below 2^24, and so exact.
      code.op(VSUBPS, i, i, code.floats(mul.aZeroPoint()));
      code.op(VSUBPS, SECOND + i, SECOND + i, code.floats(mul.bZeroPoint()));
      code.op(VMULPS, i, i, SECOND + i);
      code.op(VMULPS, i, i, code.floats(mul.multiplier()));
      code.op(VADDPS, i, i, code.floats(mul.output().zeroPoint()));
    }
  }
}
