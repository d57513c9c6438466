package dev.tinytitan.codegen.emit;

import dev.tinytitan.codegen.x86.Instruction;
import dev.tinytitan.codegen.x86.Mem;

/**
 * What the sums of a matrix product or convolution are made of. In each step 32 bits of input (or
 * 64, for sums in two parts) are broadcast, multiplied with the weights of a vector's filters, and
 * added to 32-bit sums.
 */
public interface ProductArithmetic {

  /** Bytes that the weights of one vector take in one step. */
  int weightBytes();

  /** Whether {@link #add} is one instruction; then weights may be held in registers. */
  boolean isSingle();

  /** Whether sums are the same in whatever order they are added up. */
  boolean isExact();

  /** Registers beside the input's own that {@link #prepare} fills, and {@link #add} changes. */
  int spares();

  /** Makes a register of broadcast input ready; what more is needed goes to {@code spares}. */
  void prepare(int input, int spares);

  /** Adds the products of what was prepared with weights in memory. */
  void add(int sum, int input, int spares, Mem weights);

  /** Adds the products with weights in a register; only where {@link #isSingle}. */
  void add(int sum, int input, int weights);

  /** Adds two registers of sums. */
  Instruction sum();
}
