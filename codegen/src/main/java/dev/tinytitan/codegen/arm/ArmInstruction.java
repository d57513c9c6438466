package dev.tinytitan.codegen.arm;

import static dev.tinytitan.codegen.arm.ArmInstruction.Form.ELEMENT;
import static dev.tinytitan.codegen.arm.ArmInstruction.Form.THREE;
import static dev.tinytitan.codegen.arm.ArmInstruction.Form.TWO;
import static dev.tinytitan.codegen.arm.ArmIsa.DOTPROD;
import static dev.tinytitan.codegen.arm.ArmIsa.I8MM;
import static dev.tinytitan.codegen.arm.ArmIsa.NEON;

import java.util.List;
import java.util.Locale;

/**
 * The vector instructions on registers, one line each: form, encoding without its registers,
 * instruction set, and the arrangement of each operand (Arm Architecture Reference Manual for
 * A-profile, C7.2 "Alphabetical list of A64 Advanced SIMD and floating-point instructions"). The
 * mnemonic is the name up to the first underscore.
 */
public enum ArmInstruction {
  // Arithmetic on 32-bit elements.
  ADD_4S(THREE, 0x4EA08400, NEON, "4s", "4s", "4s"),
  SUB_4S(THREE, 0x6EA08400, NEON, "4s", "4s", "4s"),
  SMAX_4S(THREE, 0x4EA06400, NEON, "4s", "4s", "4s"),
  SMIN_4S(THREE, 0x4EA06C00, NEON, "4s", "4s", "4s"),
  FADD_4S(THREE, 0x4E20D400, NEON, "4s", "4s", "4s"),
  FSUB_4S(THREE, 0x4EA0D400, NEON, "4s", "4s", "4s"),
  FMUL_4S(THREE, 0x6E20DC00, NEON, "4s", "4s", "4s"),
  FMLA_4S(THREE, 0x4E20CC00, NEON, "4s", "4s", "4s"),
  FMAX_4S(THREE, 0x4E20F400, NEON, "4s", "4s", "4s"),
  FMIN_4S(THREE, 0x4EA0F400, NEON, "4s", "4s", "4s"),
  SCVTF_4S(TWO, 0x4E21D800, NEON, "4s", "4s"),
  UCVTF_4S(TWO, 0x6E21D800, NEON, "4s", "4s"),
  FCVTNS_4S(TWO, 0x4E21A800, NEON, "4s", "4s"),

  // Logic, minima and maxima of bytes.
  AND_16B(THREE, 0x4E201C00, NEON, "16b", "16b", "16b"),
  EOR_16B(THREE, 0x6E201C00, NEON, "16b", "16b", "16b"),
  UMIN_16B(THREE, 0x6E206C00, NEON, "16b", "16b", "16b"),
  UMAX_16B(THREE, 0x6E206400, NEON, "16b", "16b", "16b"),
  SMIN_16B(THREE, 0x4E206C00, NEON, "16b", "16b", "16b"),
  SMAX_16B(THREE, 0x4E206400, NEON, "16b", "16b", "16b"),

  // Products.
  SMULL_4S(THREE, 0x0E60C000, NEON, "4s", "4h", "4h"),
  SMLAL_4S(THREE, 0x0E608000, NEON, "4s", "4h", "4h"),
  SMLAL2_4S(THREE, 0x4E608000, NEON, "4s", "8h", "8h"),
  SDOT_4S(THREE, 0x4E809400, DOTPROD, "4s", "16b", "16b"),
  UDOT_4S(THREE, 0x6E809400, DOTPROD, "4s", "16b", "16b"),
  SDOT_ELEMENT(ELEMENT, 0x4F80E000, DOTPROD, "4s", "16b", "4b"),
  UDOT_ELEMENT(ELEMENT, 0x6F80E000, DOTPROD, "4s", "16b", "4b"),
  USDOT_4S(THREE, 0x4E809C00, I8MM, "4s", "16b", "16b"),
  USDOT_ELEMENT(ELEMENT, 0x4F80F000, I8MM, "4s", "16b", "4b"),
  SUDOT_ELEMENT(ELEMENT, 0x4F00F000, I8MM, "4s", "16b", "4b"),
  SMMLA_4S(THREE, 0x4E80A400, I8MM, "4s", "16b", "16b"),
  UMMLA_4S(THREE, 0x6E80A400, I8MM, "4s", "16b", "16b"),
  USMMLA_4S(THREE, 0x4E80AC00, I8MM, "4s", "16b", "16b"),

  // Widening, narrowing, rearranging.
  SXTL_8H(TWO, 0x0F08A400, NEON, "8h", "8b"),
  UXTL_8H(TWO, 0x2F08A400, NEON, "8h", "8b"),
  SXTL_4S(TWO, 0x0F10A400, NEON, "4s", "4h"),
  UXTL_4S(TWO, 0x2F10A400, NEON, "4s", "4h"),
  SXTL2_4S(TWO, 0x4F10A400, NEON, "4s", "8h"),
  UXTL2_4S(TWO, 0x6F10A400, NEON, "4s", "8h"),
  XTN_4H(TWO, 0x0E612800, NEON, "4h", "4s"),
  XTN2_8H(TWO, 0x4E612800, NEON, "8h", "4s"),
  XTN_8B(TWO, 0x0E212800, NEON, "8b", "8h"),
  ZIP1_2D(THREE, 0x4EC03800, NEON, "2d", "2d", "2d"),
  ZIP2_2D(THREE, 0x4EC07800, NEON, "2d", "2d", "2d"),
  UZP1_8H(THREE, 0x4E401800, NEON, "8h", "8h", "8h"),
  UZP1_16B(THREE, 0x4E001800, NEON, "16b", "16b", "16b");

  /** Which operands there are. */
  enum Form {
    /** Destination and source. */
    TWO,
    /** Destination and two sources. */
    THREE,
    /** Destination, source, and one group of four bytes of another source. */
    ELEMENT
  }

  private final Form form;
  private final int encoding;
  private final ArmIsa isa;

  @SuppressWarnings("ImmutableEnumChecker") // The list is.
  private final List<String> arrangements;

  ArmInstruction(Form form, int encoding, ArmIsa isa, String... arrangements) {
    this.form = form;
    this.encoding = encoding;
    this.isa = isa;
    this.arrangements = List.of(arrangements);
  }

  Form form() {
    return form;
  }

  int encoding() {
    return encoding;
  }

  /** The first instruction set that has it. */
  ArmIsa isa() {
    return isa;
  }

  /** How an operand is divided, such as {@code 16b}. */
  String arrangement(int operand) {
    return arrangements.get(operand);
  }

  String mnemonic() {
    return name().substring(0, name().indexOf('_')).toLowerCase(Locale.ROOT);
  }
}
