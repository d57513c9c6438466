package dev.tinytitan.codegen.arm;

import static dev.tinytitan.codegen.arm.ArmInstruction.ADD_4S;
import static dev.tinytitan.codegen.arm.ArmInstruction.FCVTNS_4S;
import static dev.tinytitan.codegen.arm.ArmInstruction.FMAX_4S;
import static dev.tinytitan.codegen.arm.ArmInstruction.FMIN_4S;
import static dev.tinytitan.codegen.arm.ArmInstruction.FMUL_4S;
import static dev.tinytitan.codegen.arm.ArmInstruction.SCVTF_4S;
import static dev.tinytitan.codegen.arm.ArmInstruction.XTN2_8H;
import static dev.tinytitan.codegen.arm.ArmInstruction.XTN_4H;
import static dev.tinytitan.codegen.arm.ArmInstruction.XTN_8B;

import java.util.Arrays;

/**
 * The end of every integer kernel: {@code rint(clamp(float(sum) · multiplier, low, high)) +
 * zeroPoint}, one rounding for each operation (docs/numerics.md). Takes three registers for its
 * constants.
 *
 * @param low the least step, the zero point taken off
 * @param high the greatest step, the zero point taken off
 * @param zeroPoint what is added at the end
 */
public record ArmRounding(float low, float high, int zeroPoint) {

  /** For outputs from {@code least} to {@code greatest} with this zero point. */
  public static ArmRounding of(int least, int greatest, int zeroPoint) {
    return new ArmRounding(least - zeroPoint, greatest - zeroPoint, zeroPoint);
  }

  /** For results that have their zero point already. */
  public static ArmRounding cutTo(int least, int greatest) {
    return new ArmRounding(least, greatest, 0);
  }

  /** The registers with the constants. */
  record Constants(V low, V high, V zeroPoint) {}

  void load(ArmAssembler assembler, Constants to) {
    assembler.loadConstant(to.low(), assembler.constants().floats(low, low, low, low));
    assembler.loadConstant(to.high(), assembler.constants().floats(high, high, high, high));
    int[] zeroPoints = new int[4];
    Arrays.fill(zeroPoints, zeroPoint);
    assembler.loadConstant(to.zeroPoint(), assembler.constants().ints(zeroPoints));
  }

  /** Four sums become four floats, times their multipliers. */
  static void scale(ArmAssembler assembler, V sums, V multipliers) {
    assembler.emit(SCVTF_4S, sums, sums);
    assembler.emit(FMUL_4S, sums, sums, multipliers);
  }

  /** Four floats become four integers. */
  static void round(ArmAssembler assembler, V values, Constants constants) {
    assembler.emit(FMAX_4S, values, values, constants.low());
    assembler.emit(FMIN_4S, values, values, constants.high());
    assembler.emit(FCVTNS_4S, values, values);
    assembler.emit(ADD_4S, values, values, constants.zeroPoint());
  }

  /** Twice four integers become eight bytes, in the lower half of the first register. */
  static void narrow(ArmAssembler assembler, V first, V second) {
    assembler.emit(XTN_4H, first, first);
    assembler.emit(XTN2_8H, first, second);
    assembler.emit(XTN_8B, first, first);
  }

  /** Stores the lowest {@code count} (1 to 8) bytes, and steps on by as many. */
  static void store(ArmAssembler assembler, V bytes, X to, int count) {
    if (count == 8) {
      assembler.storeAndStep(ArmAssembler.Size.D, bytes, to, 8);
      return;
    }
    for (int i = 0; i < count; i++) {
      assembler.storeByteAndStep(bytes, i, to);
    }
  }
}
