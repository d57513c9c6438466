package dev.tinytitan.codegen.x86;

import java.util.List;
import java.util.Random;

/** Operands of a form, with registers and addresses that reach every part of the encodings. */
final class RandomOperands {
  private static final int[] BITS = {128, 256, 512};
  private static final int[] DISPLACEMENTS = {
    0, 1, 4, 8, 16, 32, 64, 127, 128, 256, 1024, 4096, 8128, 8192, 0x12345
  };
  private static final List<Mask> MASKS = List.of(Mask.values());
  private static final List<Gpr> GPRS = List.of(Gpr.values());

  private final Random random;

  RandomOperands(Random random) {
    this.random = random;
  }

  /** Operands for an instruction; not every combination is legal. */
  Operand[] draw(Instruction instruction) {
    Form form = instruction.form();
    int bits =
        instruction.tuple().isScalar() && random.nextInt(4) > 0 ? 128 : BITS[random.nextInt(3)];
    boolean high = random.nextBoolean();
    boolean store = form.hasStore() && random.nextBoolean();
    boolean memory =
        form.memory() == Form.Memory.ONLY
            || (form.memory() == Form.Memory.ALLOWED && random.nextBoolean());
    Operand[] operands = new Operand[form.operands()];
    for (int i = 0; i < operands.length; i++) {
      Form.Slot slot = form.slot(i, store);
      operands[i] =
          switch (slot) {
            case REG, VVVV -> vector(bits, high);
            case REG_GPR, REG_GPR64 -> gpr();
            case REG_MASK, VVVV_MASK -> MASKS.get(random.nextInt(8));
            default ->
                memory
                    ? memory(instruction, bits, high)
                    : switch (slot) {
                      case RM -> vector(instruction.tuple().registerBits(bits), high);
                      case RM_MASK -> MASKS.get(random.nextInt(8));
                      default -> gpr();
                    };
          };
    }
    if (instruction.evex() != null && (form.isGather() || random.nextInt(3) == 0)) {
      Mask mask = MASKS.get(1 + random.nextInt(7));
      if (operands[0] instanceof Vec vector) {
        boolean zero = !form.isGather() && random.nextBoolean();
        operands[0] = zero ? vector.zeroing(mask) : vector.merging(mask);
      } else if (operands[0] instanceof Mem destination) {
        operands[0] = destination.masked(mask);
      }
    }
    return operands;
  }

  private Vec vector(int bits, boolean high) {
    return Vec.of(random.nextInt(high ? 32 : 16), bits);
  }

  Gpr gpr() {
    return GPRS.get(random.nextInt(16));
  }

  private Mem memory(Instruction instruction, int bits, boolean high) {
    if (instruction.form().isGather()) {
      return plainMemory(false).plus(vector(bits, high), 1 << random.nextInt(4));
    }
    Mem memory = plainMemory(true);
    return instruction.broadcastBytes() > 0 && random.nextInt(3) == 0
        ? memory.broadcasting()
        : memory;
  }

  /** An address of any shape, without a label. */
  Mem plainMemory(boolean indexed) {
    int displacement = DISPLACEMENTS[random.nextInt(DISPLACEMENTS.length)];
    Mem memory = Mem.at(gpr(), random.nextBoolean() ? displacement : -displacement);
    if (!indexed || random.nextBoolean()) {
      return memory;
    }
    Gpr index = gpr();
    return index == Gpr.RSP ? memory : memory.plus(index, 1 << random.nextInt(4));
  }
}
