package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;

/**
 * What the functions of a {@link MatrixCode} are given: the address of a block of arguments, laid
 * out here, and up to three Java arrays.
 */
final class MatrixArguments {
  /** Points to the block. */
  static final Gpr BLOCK = Gpr.RDI;

  /** Where the panel's weights lie. */
  static final int WEIGHTS = 0;

  /** Bytes from the start of the input's array to the first row; an address if there is none. */
  static final int INPUT_OFFSET = 8;

  /**
   * Bytes from the start of the output's array, and the residual's, to the first element; an
   * address if there is none.
   */
  static final int OUTPUT_OFFSET = 16;

  /** How many rows, or vectors of elements. */
  static final int COUNT = 24;

  /** The input's scale. */
  static final int SCALE = 32;

  /** One divided by the scale. */
  static final int RECIPROCAL = 36;

  /** The input's zero point. */
  static final int ZERO_POINT = 40;

  /** Where the weights lie that are fetched into the second-level cache: of the next panel. */
  static final int FETCHED = 48;

  /** Bytes from one fetched place to the next; each step along the depth fetches one. */
  static final int FETCH_STRIDE = 56;

  /** The least elements of each place of a vector so far. */
  static final int LEAST = 64;

  /** The greatest ones. */
  static final int GREATEST = 128;

  /** Elements times 0, added up: NaN if one was not finite. */
  static final int FINITE = 192;

  /** Where narrow weights are written as floats. */
  static final int FLOATS = 256;

  /** Size of the block: its vectors have 64 bytes at most. */
  static final int BYTES = 320;

  private MatrixArguments() {}

  /** An argument. */
  static Mem at(int offset) {
    return Mem.at(BLOCK, offset);
  }
}
