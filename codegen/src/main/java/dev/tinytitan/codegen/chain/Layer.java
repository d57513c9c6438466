package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;

/** One step of a chain: what it reads and writes is fixed, and it writes its own code. */
interface Layer {
  /** Points to the binding's memory; never changes. */
  Gpr MEMORY = Gpr.R15;

  /** Points to the Java array of an input, in functions that read one. */
  Gpr OUTSIDE = Gpr.R14;

  /** For listings and profiles, such as {@code conv3x3}. */
  String name();

  /** Multiply-adds, by which the chain's time is estimated. */
  long products();

  /** Bytes that are read and written, by which the chain's time is estimated. */
  long bytes();

  /**
   * Writes the code. It may change all registers but {@link #MEMORY}, {@link #OUTSIDE} and the
   * stack pointer, and falls out at its end.
   */
  void emit(VectorCode code);
}
