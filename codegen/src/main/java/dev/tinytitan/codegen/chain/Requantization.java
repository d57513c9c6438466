package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.VCVTDQ2PS;
import static dev.tinytitan.codegen.x86.Instruction.VCVTPS2DQ;
import static dev.tinytitan.codegen.x86.Instruction.VMAXPS;
import static dev.tinytitan.codegen.x86.Instruction.VMINPS;
import static dev.tinytitan.codegen.x86.Instruction.VMULPS;
import static dev.tinytitan.codegen.x86.Instruction.VPACKSSDW;
import static dev.tinytitan.codegen.x86.Instruction.VPACKUSWB;
import static dev.tinytitan.codegen.x86.Instruction.VPADDSW;
import static dev.tinytitan.codegen.x86.Instruction.VPERMD;
import static dev.tinytitan.codegen.x86.Instruction.VPMAXUB;
import static dev.tinytitan.codegen.x86.Instruction.VPMINUB;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.op.QuantizedOutput;
import dev.tinytitan.tensor.DType;

/**
 * From exact sums to stored bytes, as docs/numerics.md has it: {@code rint(clamp(float(sum) · m))}
 * plus the zero point.
 *
 * <p>Rounding comes before clamping here. That is the same, since the bounds are whole numbers and
 * rounding is monotone, as long as the product converts to an int32: {@code m < 1} is enough, for a
 * sum is an int32 itself; else the product is clamped first. Packing to 16 bits, adding the zero
 * point and packing to unsigned bytes all saturate, which clamps to the dtype's range for nothing.
 *
 * @param zeroPoint as stored
 * @param low the least stored result
 * @param high the greatest stored result
 * @param clampFirst whether products may leave the int32 range
 */
record Requantization(int zeroPoint, int low, int high, boolean clampFirst) {

  /** What the output asks for, with these multipliers. */
  static Requantization of(QuantizedOutput output, float[] multipliers) {
    boolean clampFirst = false;
    for (float multiplier : multipliers) {
      clampFirst |= !(Math.abs(multiplier) < 1);
    }
    return of(output, clampFirst);
  }

  private static Requantization of(QuantizedOutput output, boolean clampFirst) {
    int offset = output.dtype() == DType.INT8 ? Buffer.SIGN_OFFSET : 0;
    return new Requantization(
        output.zeroPoint() + offset, output.low() + offset, output.high() + offset, clampFirst);
  }

  /**
   * For results that have the zero point added already, as whole numbers near the range: only the
   * sign's offset is added.
   */
  static Requantization ofRounded(QuantizedOutput output) {
    Requantization plain = of(output, false);
    return new Requantization(
        output.dtype() == DType.INT8 ? Buffer.SIGN_OFFSET : 0, plain.low, plain.high, false);
  }

  /** Turns a register of sums into rounded steps. */
  void scale(VectorCode code, int register, Mem multipliers) {
    code.op(VCVTDQ2PS, register, register);
    code.op(VMULPS, register, register, multipliers);
    round(code, register);
  }

  /** The same with multipliers in a register. */
  void scale(VectorCode code, int register, int multipliers) {
    code.op(VCVTDQ2PS, register, register);
    code.op(VMULPS, register, register, multipliers);
    round(code, register);
  }

  private void round(VectorCode code, int register) {
    if (clampFirst) {
      code.op(VMAXPS, register, register, code.floats(low - zeroPoint));
      code.op(VMINPS, register, register, code.floats(high - zeroPoint));
    }
    code.op(VCVTPS2DQ, register, register);
  }

  /**
   * Packs up to four registers of rounded steps into the first, as stored bytes. Lane {@code i} of
   * the result then holds, four bytes each, lane {@code i} of the registers in turn.
   */
  void pack(VectorCode code, int... registers) {
    int first = registers[0];
    int second = registers[Math.min(1, registers.length - 1)];
    code.op(VPACKSSDW, first, first, second);
    int upper = first;
    if (registers.length > 2) {
      upper = registers[2];
      code.op(VPACKSSDW, upper, upper, registers[registers.length - 1]);
    }
    if (zeroPoint != 0) {
      Mem zero = code.words(zeroPoint);
      code.op(VPADDSW, first, first, zero);
      if (upper != first) {
        code.op(VPADDSW, upper, upper, zero);
      }
    }
    code.op(VPACKUSWB, first, first, upper);
    if (low > 0) {
      code.op(VPMAXUB, first, first, code.bytes(low));
    }
    if (high < 255) {
      code.op(VPMINUB, first, first, code.bytes(high));
    }
  }

  /** The order for {@link #permute} that puts what four registers held one after the other. */
  static int[] inOrder(VectorCode code) {
    int[] order = new int[code.dwords()];
    for (int i = 0; i < order.length; i++) {
      order[i] = 4 * (i % code.lanes()) + i / code.lanes();
    }
    return order;
  }

  /**
   * Puts the groups of four bytes that {@link #pack} made in another order.
   *
   * @param order for each place the group that comes there
   */
  static void permute(VectorCode code, int register, int spare, int[] order) {
    code.load(spare, code.ints(order));
    code.op(VPERMD, register, spare, register);
  }
}
