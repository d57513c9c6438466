package dev.tinytitan.codegen.arm;

import static dev.tinytitan.codegen.arm.ArmInstruction.FMLA_4S;
import static dev.tinytitan.codegen.arm.ArmInstruction.SCVTF_4S;
import static dev.tinytitan.codegen.arm.ArmInstruction.SXTL2_4S;
import static dev.tinytitan.codegen.arm.ArmInstruction.SXTL_4S;
import static dev.tinytitan.codegen.arm.ArmInstruction.SXTL_8H;
import static dev.tinytitan.codegen.arm.ArmInstruction.UXTL_8H;

import dev.tinytitan.codegen.arm.ArmAssembler.Size;
import dev.tinytitan.codegen.code.Code;
import dev.tinytitan.codegen.code.Label;
import java.util.function.IntConsumer;

/**
 * Generates functions of single elements for one count: requantization of int32 sums, and the sum
 * of two quantized tensors. Nothing outside the tensors is read or written. Immutable.
 *
 * @param count elements, at least 1
 * @param rounding the end of each element
 */
public record ArmElementwise(int count, ArmRounding rounding) {
  /** The name of the function of {@link #requantize}. */
  public static final String REQUANTIZE = "requantize";

  /** The name of the function of {@link #add}. */
  public static final String ADD = "add";

  private static final int BLOCK = 8;
  private static final X FIRST = X.X1;
  private static final X SECOND = X.X2;
  private static final X OUTPUT = X.X3;
  private static final X BLOCKS = X.X4;
  private static final ArmRounding.Constants CONSTANTS =
      new ArmRounding.Constants(V.free(16), V.free(17), V.free(18));

  public ArmElementwise {
    if (count < 1) {
      throw new IllegalArgumentException("There are no elements.");
    }
  }

  /**
   * {@code round(sum · multiplier)}. The function takes a block of two pointers: sums and output.
   */
  public Code requantize(float multiplier) {
    ArmAssembler a = new ArmAssembler(ArmIsa.NEON);
    V factor = V.free(19);
    a.symbol(REQUANTIZE);
    a.load(FIRST, X.X0, 0);
    a.load(OUTPUT, X.X0, 8);
    rounding.load(a, CONSTANTS);
    loadAll(a, factor, multiplier);
    blocks(
        a,
        elements -> {
          V low = V.free(0);
          V high = V.free(1);
          if (elements == BLOCK) {
            a.loadAndStep(Size.Q, low, FIRST, 16);
            a.loadAndStep(Size.Q, high, FIRST, 16);
          } else {
            a.clear(low);
            a.clear(high);
            for (int i = 0; i < elements; i++) {
              a.loadWordAndStep(i < 4 ? low : high, i % 4, FIRST);
            }
          }
          ArmRounding.scale(a, low, factor);
          ArmRounding.scale(a, high, factor);
          end(a, low, high, elements);
        });
    return a.finish();
  }

  /**
   * {@code round(fma(a, aRatio, fma(b, bRatio, fixed)))}, the definition of IntegerAdd in
   * docs/numerics.md. The function takes a block of three pointers: a, b and output.
   *
   * @param aSigned whether a is int8 rather than uint8
   * @param bSigned whether b is int8 rather than uint8
   */
  public Code add(float aRatio, boolean aSigned, float bRatio, boolean bSigned, float fixed) {
    ArmAssembler a = new ArmAssembler(ArmIsa.NEON);
    V firstRatio = V.free(19);
    V secondRatio = V.free(20);
    V start = V.free(21);
    a.symbol(ADD);
    a.load(FIRST, X.X0, 0);
    a.load(SECOND, X.X0, 8);
    a.load(OUTPUT, X.X0, 16);
    rounding.load(a, CONSTANTS);
    loadAll(a, firstRatio, aRatio);
    loadAll(a, secondRatio, bRatio);
    loadAll(a, start, fixed);
    blocks(
        a,
        elements -> {
          V low = V.free(0);
          V high = V.free(1);
          a.mov(low, start);
          a.mov(high, start);
          accumulate(a, SECOND, bSigned, secondRatio, elements);
          accumulate(a, FIRST, aSigned, firstRatio, elements);
          end(a, low, high, elements);
        });
    return a.finish();
  }

  /** Adds eight bytes, times a ratio, to registers 0 and 1. */
  private static void accumulate(ArmAssembler a, X from, boolean signed, V ratio, int elements) {
    V bytes = V.free(2);
    V half = V.free(3);
    if (elements == BLOCK) {
      a.loadAndStep(Size.D, bytes, from, 8);
    } else {
      a.clear(bytes);
      for (int i = 0; i < elements; i++) {
        a.loadByteAndStep(bytes, i, from);
      }
    }
    a.emit(signed ? SXTL_8H : UXTL_8H, bytes, bytes);
    // 16 bits hold both kinds of bytes with their sign.
    a.emit(SXTL2_4S, half, bytes);
    a.emit(SXTL_4S, bytes, bytes);
    a.emit(SCVTF_4S, bytes, bytes);
    a.emit(SCVTF_4S, half, half);
    a.emit(FMLA_4S, V.free(0), bytes, ratio);
    a.emit(FMLA_4S, V.free(1), half, ratio);
  }

  private static void end(ArmAssembler a, V low, V high, int elements) {
    ArmRounding.round(a, low, CONSTANTS);
    ArmRounding.round(a, high, CONSTANTS);
    ArmRounding.narrow(a, low, high);
    ArmRounding.store(a, low, OUTPUT, elements);
  }

  /** A loop over blocks of eight, then what is left, then the return. */
  private void blocks(ArmAssembler a, IntConsumer body) {
    if (count >= BLOCK) {
      a.mov(BLOCKS, count / BLOCK);
      Label loop = a.here();
      body.accept(BLOCK);
      a.subs(BLOCKS, 1);
      a.branchIfNotZero(loop);
    }
    if (count % BLOCK != 0) {
      body.accept(count % BLOCK);
    }
    a.ret();
  }

  private static void loadAll(ArmAssembler a, V to, float value) {
    a.loadConstant(to, a.constants().floats(value, value, value, value));
  }
}
