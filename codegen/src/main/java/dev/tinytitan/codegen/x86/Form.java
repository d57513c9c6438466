package dev.tinytitan.codegen.x86;

import java.util.List;

/**
 * Which operands a vector instruction has, and where its encoding holds them (Intel SDM Vol. 2, 2.3
 * "VEX" and 2.7 "EVEX"): field {@code ModRM.reg}, field {@code vvvv}, or {@code ModRM.rm}, which
 * alone can be memory. Operands are in the order of Intel's syntax.
 */
enum Form {
  /** destination, source, source or memory. */
  RVM(Memory.ALLOWED, Slot.REG, Slot.VVVV, Slot.RM),
  /** The same, only registers: what the SDM has for memory is another instruction. */
  RVM_REGISTER(Memory.NEVER, Slot.REG, Slot.VVVV, Slot.RM),
  /** destination, source, source or memory, immediate. */
  RVM_IMM(Memory.ALLOWED, Slot.REG, Slot.VVVV, Slot.RM),
  /** destination, source, general register or memory, immediate: insertion of an element. */
  RVM_IMM_GPR(Memory.ALLOWED, Slot.REG, Slot.VVVV, Slot.RM_GPR),
  /** destination mask, source, source or memory. */
  KVM(Memory.ALLOWED, Slot.REG_MASK, Slot.VVVV, Slot.RM),
  /** destination mask, source, source or memory, immediate. */
  KVM_IMM(Memory.ALLOWED, Slot.REG_MASK, Slot.VVVV, Slot.RM),
  /** destination, source or memory. */
  RM(Memory.ALLOWED, Slot.REG, Slot.RM),
  /** destination, memory. */
  RM_MEMORY(Memory.ONLY, Slot.REG, Slot.RM),
  /** destination, source or memory, immediate. */
  RM_IMM(Memory.ALLOWED, Slot.REG, Slot.RM),
  /** destination, general register of 32 bits. */
  RM_GPR(Memory.NEVER, Slot.REG, Slot.RM_GPR),
  /** destination, general register of 64 bits. */
  RM_GPR64(Memory.NEVER, Slot.REG, Slot.RM_GPR64),
  /** destination, mask. */
  RM_MASK(Memory.NEVER, Slot.REG, Slot.RM_MASK),
  /** destination mask, vector. */
  KM(Memory.NEVER, Slot.REG_MASK, Slot.RM),
  /** destination or memory, source. */
  MR(Memory.ALLOWED, Slot.RM, Slot.REG),
  /** memory, source. */
  MR_MEMORY(Memory.ONLY, Slot.RM, Slot.REG),
  /** destination or memory, source, immediate. */
  MR_IMM(Memory.ALLOWED, Slot.RM, Slot.REG),
  /** general register or memory, source, immediate: extraction of an element. */
  MR_IMM_GPR(Memory.ALLOWED, Slot.RM_GPR, Slot.REG),
  /** destination, source, immediate; the opcode goes on in {@code ModRM.reg}. */
  VM_IMM(Memory.NEVER, Slot.VVVV, Slot.RM),
  /**
   * A load (register, register or memory), or with the second opcode a store (memory, register).
   */
  MOVE(Memory.ALLOWED, Slot.REG, Slot.RM),
  /** The same without the form of two registers. */
  MOVE_MEMORY(Memory.ONLY, Slot.REG, Slot.RM),
  /** Between a vector and memory or a general register of 32 bits. */
  MOVE_GPR(Memory.ALLOWED, Slot.REG, Slot.RM_GPR),
  /** Between a vector and memory or a general register of 64 bits. */
  MOVE_GPR64(Memory.ALLOWED, Slot.REG, Slot.RM_GPR64),
  /** Masked by a vector: register, mask, memory; or memory, mask, register. */
  MOVE_MASKED(Memory.ONLY, Slot.REG, Slot.VVVV, Slot.RM),
  /** Between masks, or a mask and memory. */
  MOVE_MASK(Memory.ALLOWED, Slot.REG_MASK, Slot.RM_MASK),
  /** From a general register of 32 bits to a mask. */
  MASK_FROM_GPR(Memory.NEVER, Slot.REG_MASK, Slot.RM_GPR),
  /** From a general register of 64 bits to a mask. */
  MASK_FROM_GPR64(Memory.NEVER, Slot.REG_MASK, Slot.RM_GPR64),
  /** From a mask to a general register of 32 bits. */
  MASK_TO_GPR(Memory.NEVER, Slot.REG_GPR, Slot.RM_MASK),
  /** From a mask to a general register of 64 bits. */
  MASK_TO_GPR64(Memory.NEVER, Slot.REG_GPR64, Slot.RM_MASK),
  /** Between three masks. */
  MASKS(Memory.NEVER, Slot.REG_MASK, Slot.VVVV_MASK, Slot.RM_MASK),
  /** Two masks. */
  MASK_PAIR(Memory.NEVER, Slot.REG_MASK, Slot.RM_MASK),
  /** Gather with an opmask: destination, memory with a vector of indices. */
  GATHER(Memory.ONLY, Slot.REG, Slot.RM),
  /** Gather with a vector mask: destination, memory with a vector of indices, mask. */
  GATHER_VEX(Memory.ONLY, Slot.REG, Slot.RM, Slot.VVVV);

  /** Whether the operand in {@code ModRM.rm} can be memory. */
  enum Memory {
    ALLOWED,
    ONLY,
    NEVER
  }

  /** Where an operand is encoded, and which registers it can be. */
  enum Slot {
    REG(Vec.class),
    REG_GPR(Gpr.class),
    REG_GPR64(Gpr.class),
    REG_MASK(Mask.class),
    VVVV(Vec.class),
    VVVV_MASK(Mask.class),
    RM(Vec.class),
    RM_GPR(Gpr.class),
    RM_GPR64(Gpr.class),
    RM_MASK(Mask.class);

    // Asked several times for each instruction, before anything is compiled: found out once.
    private final Class<? extends Operand> registers;
    private final boolean reg = name().startsWith("REG");
    private final boolean vvvv = name().startsWith("VVVV");

    Slot(Class<? extends Operand> registers) {
      this.registers = registers;
    }

    boolean isReg() {
      return reg;
    }

    boolean isVvvv() {
      return vvvv;
    }

    boolean isRm() {
      return !reg && !vvvv;
    }

    boolean accepts(Operand register) {
      return registers == register.getClass();
    }
  }

  private final Memory memory;

  @SuppressWarnings("ImmutableEnumChecker") // The list is.
  private final List<Slot> slots;

  // As for slots.
  private final boolean immediate = name().contains("_IMM");
  private final boolean store = name().startsWith("MOVE");
  private final boolean wide = name().endsWith("GPR64");

  Form(Memory memory, Slot... slots) {
    this.memory = memory;
    this.slots = List.of(slots);
  }

  Memory memory() {
    return memory;
  }

  int operands() {
    return slots.size();
  }

  /**
   * Where an operand goes.
   *
   * @param store whether the instruction's second opcode is used, which turns operands around
   */
  Slot slot(int operand, boolean store) {
    return slots.get(store ? slots.size() - 1 - operand : operand);
  }

  boolean hasImmediate() {
    return immediate;
  }

  /** Whether there is a second opcode, for stores. */
  boolean hasStore() {
    return store;
  }

  /** Whether general registers are 64 bits wide. */
  boolean isWide() {
    return wide;
  }

  boolean isGather() {
    return this == GATHER || this == GATHER_VEX;
  }
}
