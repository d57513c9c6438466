package dev.tinytitan.codegen.x86;

import java.util.Locale;

/** A general-purpose register; 64 bits wide unless the instruction says otherwise. */
public enum Gpr implements Operand {
  RAX,
  RCX,
  RDX,
  RBX,
  RSP,
  RBP,
  RSI,
  RDI,
  R8,
  R9,
  R10,
  R11,
  R12,
  R13,
  R14,
  R15;

  private static final String[] LOW_32 = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};

  /** The number in encodings. */
  int number() {
    return ordinal();
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
