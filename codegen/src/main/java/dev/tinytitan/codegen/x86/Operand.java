package dev.tinytitan.codegen.x86;

/** What an instruction works on: a register or a place in memory. */
public sealed interface Operand permits Gpr, Vec, Mask, Mem {}
