package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.VCVTDQ2PS;
import static dev.tinytitan.codegen.x86.Instruction.VCVTPS2DQ;
import static dev.tinytitan.codegen.x86.Instruction.VFMSUB213PS;
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
 * <p>Where the least result is the zero point, as behind a ReLU, conversion and multiplication are
 * one instruction. A sum starts at the bits of the float {@code 2²³}; so its bits are the float
 * {@code 2²³ + sum}, if the sum is from 0 to {@code 2²³}, and {@code (2²³ + sum) · m - 2²³ · m},
 * fused, is {@code sum · m} rounded once: {@code 2²³ · m} is exact, and so is {@code float(sum)}.
 * If the sum is below 0, the bits are those of a float below {@code 2²³}: the result is below 0,
 * and clamped, as it has to be.
 *
 * @param zeroPoint as stored
 * @param low the least stored result
 * @param high the greatest stored result
 * @param scaling how sums are multiplied
 */
record Requantization(int zeroPoint, int low, int high, Scaling scaling) {
  /** The bits of the float 2²³, whose last bit stands for 1. */
  private static final int FLOAT_START = 0x4B000000;

  private static final float FLOAT_START_VALUE = 1 << 23;

  /** How sums are multiplied. */
  enum Scaling {
    /** They are converted to floats first. */
    CONVERTED,
    /** The same; products may leave the int32 range and are clamped. */
    CLAMPED,
    /** They start at the bits of 2²³ and need no conversion. */
    FUSED
  }

  /** What the output asks for, with these multipliers. */
  static Requantization of(QuantizedOutput output, float[] multipliers) {
    boolean clampFirst = false;
    for (float multiplier : multipliers) {
      clampFirst |= !(Math.abs(multiplier) < 1);
    }
    return of(output, clampFirst ? Scaling.CLAMPED : Scaling.CONVERTED);
  }

  private static Requantization of(QuantizedOutput output, Scaling scaling) {
    int offset = output.dtype() == DType.INT8 ? Buffer.SIGN_OFFSET : 0;
    return new Requantization(
        output.zeroPoint() + offset, output.low() + offset, output.high() + offset, scaling);
  }

  /**
   * The same for sums between bounds: {@link Scaling#FUSED} if they allow it.
   *
   * @param least of all sums, at most
   * @param greatest of all sums, at least
   */
  Requantization forSums(long least, long greatest, float[] multipliers) {
    boolean fused =
        scaling == Scaling.CONVERTED
            && low == zeroPoint
            && greatest < 1 << 23
            && least > -FLOAT_START;
    for (float multiplier : multipliers) {
      fused &= multiplier >= 0;
    }
    return fused ? new Requantization(zeroPoint, low, high, Scaling.FUSED) : this;
  }

  /** What sums start with for this bias. */
  int start(int bias) {
    return scaling == Scaling.FUSED ? FLOAT_START + bias : bias;
  }

  /** How many floats {@link #scale} needs for each filter. */
  int factors() {
    return scaling == Scaling.FUSED ? 2 : 1;
  }

  /** One of these floats for a multiplier. */
  float factor(int index, float multiplier) {
    return index == 0 ? multiplier : FLOAT_START_VALUE * multiplier;
  }

  /**
   * For results that have the zero point added already, as whole numbers near the range: only the
   * sign's offset is added.
   */
  static Requantization ofRounded(QuantizedOutput output) {
    Requantization plain = of(output, Scaling.CONVERTED);
    return new Requantization(
        output.dtype() == DType.INT8 ? Buffer.SIGN_OFFSET : 0,
        plain.low,
        plain.high,
        Scaling.CONVERTED);
  }

  /**
   * Turns registers of sums of the same filters into rounded steps.
   *
   * @param factors vectors of the {@link #factors}, one for each
   * @param spare a register that may be changed
   */
  void scale(VectorCode code, int[] registers, Mem[] factors, int spare) {
    if (scaling == Scaling.FUSED) {
      code.load(spare, factors[0]);
    }
    for (int register : registers) {
      if (scaling == Scaling.FUSED) {
        code.op(VFMSUB213PS, register, spare, factors[1]);
      } else {
        code.op(VCVTDQ2PS, register, register);
        code.op(VMULPS, register, register, factors[0]);
      }
      round(code, register);
    }
  }

  /**
   * The same with factors in registers.
   *
   * @param second is not read if there is but one factor
   */
  void scale(VectorCode code, int register, int first, int second) {
    if (scaling == Scaling.FUSED) {
      code.op(VFMSUB213PS, register, first, second);
    } else {
      code.op(VCVTDQ2PS, register, register);
      code.op(VMULPS, register, register, first);
    }
    round(code, register);
  }

  private void round(VectorCode code, int register) {
    if (scaling == Scaling.CLAMPED) {
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
