/**
 * An assembler for AArch64 with NEON, and generators of integer kernels. What they make has been
 * run under emulation (qemu-user) only; no engine uses it yet.
 */
@NullMarked
package dev.tinytitan.codegen.arm;

import org.jspecify.annotations.NullMarked;
