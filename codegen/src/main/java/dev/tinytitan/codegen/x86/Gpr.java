package dev.tinytitan.codegen.x86;

import java.util.Locale;

/** A general-purpose register; 64 bits wide unless the instruction says otherwise. */
public enum Gpr implements Operand {
  RAX(0),
  RCX(1),
  RDX(2),
  RBX(3),
  RSP(4),
  RBP(5),
  RSI(6),
  RDI(7),
  R8(8),
  R9(9),
  R10(10),
  R11(11),
  R12(12),
  R13(13),
  R14(14),
  R15(15);

  private static final String[] LOW_32 = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};

  private final int number;

  Gpr(int number) {
    this.number = number;
  }

  /** The number in encodings. */
  int number() {
    return number;
  }

  /** The name of the lower 32 bits. */
  String name32() {
    return number() < 8 ? LOW_32[number()] : this + "d";
  }

  /** The name of the lowest 8 bits. */
  String name8() {
    if (number() >= 8) {
      return this + "b";
    }
    String name = toString().substring(1);
    return number() < 4 ? name.charAt(0) + "l" : name + "l";
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
