package dev.tinytitan.codegen.x86;

import java.util.HexFormat;

/** Instructions that do nothing, of 1 to 9 bytes (Intel SDM Vol. 2, NOP). */
final class Nops {
  /** The longest of them. */
  static final int LONGEST = 9;

  private static final String[] BYTES = {
    "90",
    "6690",
    "0f1f00",
    "0f1f4000",
    "0f1f440000",
    "660f1f440000",
    "0f1f8000000000",
    "0f1f840000000000",
    "660f1f840000000000"
  };

  private static final String[] TEXTS = {
    "nop",
    "xchg ax,ax",
    "nop DWORD PTR [rax]",
    "nop DWORD PTR [rax]",
    "nop DWORD PTR [rax+rax*1]",
    "nop WORD PTR [rax+rax*1]",
    "nop DWORD PTR [rax]",
    "nop DWORD PTR [rax+rax*1]",
    "nop WORD PTR [rax+rax*1]"
  };

  private Nops() {}

  static byte[] bytes(int length) {
    return HexFormat.of().parseHex(BYTES[length - 1]);
  }

  static String text(int length) {
    return TEXTS[length - 1];
  }
}
