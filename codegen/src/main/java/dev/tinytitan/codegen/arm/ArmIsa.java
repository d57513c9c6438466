package dev.tinytitan.codegen.arm;

/** The instruction sets of AArch64 that kernels are generated for; each has those before it. */
public enum ArmIsa {
  /** What every AArch64 processor has. */
  NEON,
  /** 8-bit dot products (FEAT_DotProd): Cortex-A76, Neoverse N1, Apple A11 and later. */
  DOTPROD,
  /** 8-bit matrix products (FEAT_I8MM): Neoverse V1, Cortex-A510, Apple M2 and later. */
  I8MM
}
