package dev.tinytitan.codegen.chain;

/** One step of a chain: what it reads and writes is fixed, and it writes its own code. */
interface Layer {

  /** For listings and profiles, such as {@code conv3x3}. */
  String name();

  /** Multiply-adds, by which the chain's time is estimated. */
  long products();

  /** Bytes that are read and written, by which the chain's time is estimated. */
  long bytes();

  /**
   * Writes the code. It may change all registers but {@link ChainCode#MEMORY}, {@link
   * ChainCode#OUTSIDE} and the stack pointer, and falls out at its end.
   */
  void emit(ChainCode code);
}
