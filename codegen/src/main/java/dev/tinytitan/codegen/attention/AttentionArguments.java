package dev.tinytitan.codegen.attention;

import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;

/**
 * The block of arguments that the functions of {@link AttentionCode} are given: words, laid out.
 */
final class AttentionArguments {
  /** Points to the block. */
  static final Gpr BLOCK = Gpr.RDI;

  /** Bytes from the start of the queries' array to the block's first one, at its head. */
  static final int QUERY = 0;

  /** Bytes from the start of the keys' array to the first one. */
  static final int KEY = 8;

  /** Bytes from the start of the values' array to the first one. */
  static final int VALUE = 16;

  /** Bytes from the start of the mask's array to that of the first key. */
  static final int MASK = 24;

  /** Bytes from the mask of one key to that of the next: 4, or 0 if they share it. */
  static final int MASK_STEP = 32;

  /** Bytes from the start of the output's array to the first result. */
  static final int OUTPUT = 40;

  /** How many queries the block has, at least 1. */
  static final int QUERIES = 48;

  /** How many keys there are, at least 1. */
  static final int KEYS = 56;

  /** Address of memory as large as {@link AttentionCode#memoryBytes}. */
  static final int MEMORY = 64;

  /** Size of the block. */
  static final int BYTES = 128;

  private AttentionArguments() {}

  /** An argument. */
  static Mem at(int offset) {
    return Mem.at(BLOCK, offset);
  }
}
