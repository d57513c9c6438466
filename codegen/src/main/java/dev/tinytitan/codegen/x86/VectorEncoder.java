package dev.tinytitan.codegen.x86;

import dev.tinytitan.codegen.Feature;
import dev.tinytitan.codegen.Target;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the instructions of the table {@link Instruction} (Intel SDM Vol. 2, 2.3 for VEX and 2.7
 * for EVEX). Operands that an instruction cannot have are errors of the generator and throw {@link
 * IllegalArgumentException}; instructions that the target has not, {@link IllegalStateException}.
 */
final class VectorEncoder {
  private final X86Assembler assembler;
  private final Target target;

  // The operands of the instruction being encoded, by field.
  private int reg;
  private int vvvv;
  private @Nullable Operand rm;
  private @Nullable Mask mask;
  private boolean zeroed;
  private int bits;
  private int highest;

  VectorEncoder(X86Assembler assembler, Target target) {
    this.assembler = assembler;
    this.target = target;
  }

  void encode(Instruction instruction, int immediate, Operand... operands) {
    Form form = instruction.form();
    if (operands.length != form.operands()) {
      throw wrong(instruction, "takes " + form.operands() + " operands", operands);
    }
    boolean store =
        form.hasStore()
            && (operands[0] instanceof Mem
                || (operands[0] instanceof Gpr && operands[1] instanceof Vec));
    reg = 0;
    vvvv = 0;
    rm = null;
    mask = null;
    zeroed = false;
    bits = 0;
    highest = 0;
    for (int i = 0; i < operands.length; i++) {
      place(instruction, form.slot(i, store), operands[i], i == 0, operands);
    }
    if (form == Form.VM_IMM) {
      reg = instruction.opcodeExtension();
    }
    if (bits == 0) {
      bits = 128;
    }
    checkWidths(instruction, form, store, operands);

    checkMasks(instruction, operands);

    boolean evex = choose(instruction, operands) == Encoding.EVEX;
    int opcode = store ? instruction.storeOpcode() : instruction.opcode();
    if (evex) {
      evexPrefix(instruction);
    } else {
      vexPrefix(instruction);
    }
    assembler.buffer().int8(opcode);
    int unit = evex ? unit(instruction) : 1;
    assembler.modRm(reg, field(rm), unit, form.hasImmediate() ? 1 : 0);
    if (form.hasImmediate()) {
      assembler.buffer().int8(immediate);
    }
  }

  /** The instruction that was encoded last, as objdump prints it. */
  String text(Instruction instruction, int immediate, Operand... operands) {
    StringBuilder text = new StringBuilder();
    if (instruction.vex() == Feature.AVX_VNNI && choose(instruction, operands) == Encoding.VEX) {
      text.append("{vex} ");
    }
    text.append(instruction.mnemonic());
    char separator = ' ';
    for (int i = 0; i < operands.length; i++) {
      text.append(separator);
      separator = ',';
      text.append(
          switch (operands[i]) {
            case Mem memory -> memoryText(instruction, memory);
            case Gpr gpr -> instruction.form().isWide() ? gpr.toString() : gpr.name32();
            case Vec vector -> vector.toString();
            case Mask register -> register.toString();
          });
    }
    if (instruction.form().hasImmediate()) {
      text.append(",0x").append(Integer.toHexString(immediate & 0xFF));
    }
    return text.toString();
  }

  private String memoryText(Instruction instruction, Mem memory) {
    int size = unit(instruction);
    String name =
        switch (size) {
          case 1 -> "BYTE";
          case 2 -> "WORD";
          case 4 -> "DWORD";
          case 8 -> "QWORD";
          case 16 -> "XMMWORD";
          case 32 -> "YMMWORD";
          default -> "ZMMWORD";
        };
    if (memory.broadcast()) {
      return name + " BCST " + memory;
    }
    return name + " PTR " + memory + (memory.mask() == null ? "" : "{" + memory.mask() + "}");
  }

  private enum Encoding {
    VEX,
    EVEX
  }

  private void place(
      Instruction instruction, Form.Slot slot, Operand operand, boolean first, Operand[] all) {
    if (operand instanceof Vec vector) {
      bits = Math.max(bits, vector.bits());
      highest = Math.max(highest, vector.number());
      if (vector.mask() != null) {
        if (!first) {
          throw wrong(instruction, "takes a mask at the destination only", all);
        }
        mask = vector.mask();
        zeroed = vector.zeroed();
      }
    }
    if (operand instanceof Mem memory) {
      if (!slot.isRm() || instruction.form().memory() == Form.Memory.NEVER) {
        throw wrong(instruction, "cannot have memory there", all);
      }
      if (memory.mask() != null) {
        if (!first) {
          throw wrong(instruction, "takes a mask at the destination only", all);
        }
        mask = memory.mask();
      }
      if (memory.broadcast() && instruction.broadcastBytes() == 0) {
        throw wrong(instruction, "cannot broadcast", all);
      }
      if (memory.index() instanceof Vec indices) {
        bits = Math.max(bits, indices.bits());
        highest = Math.max(highest, indices.number());
      }
      if (instruction.form().isGather() != memory.index() instanceof Vec) {
        throw wrong(instruction, "has the wrong kind of index", all);
      }
      rm = memory;
      return;
    }
    if (!slot.accepts(operand)
        || (slot.isRm() && instruction.form().memory() == Form.Memory.ONLY)) {
      throw wrong(instruction, "cannot have " + operand + " there", all);
    }
    if (slot.isReg()) {
      reg = X86Assembler.number(operand);
    } else if (slot.isVvvv()) {
      vvvv = X86Assembler.number(operand);
    } else {
      rm = operand;
    }
  }

  private void checkWidths(Instruction instruction, Form form, boolean store, Operand[] operands) {
    Tuple tuple = instruction.tuple();
    boolean lowest =
        (tuple.isScalar() && form != Form.RM && form != Form.RM_GPR && form != Form.RM_GPR64)
            || form == Form.RVM_REGISTER;
    if (lowest && !form.isGather() && bits != 128) {
      throw wrong(instruction, "works on xmm registers", operands);
    }
    if (bits < instruction.leastBits()) {
      throw wrong(instruction, "has no form of " + bits + " bits", operands);
    }
    for (int i = 0; i < operands.length; i++) {
      if (operands[i] instanceof Vec vector) {
        int expected = form.slot(i, store).isRm() ? tuple.registerBits(bits) : bits;
        if (vector.bits() != expected) {
          throw wrong(instruction, "needs " + expected + " bits in place of " + vector, operands);
        }
      }
    }
  }

  /** What the processor would refuse (SDM Vol. 2, 2.8 and the pages of the gathers). */
  private void checkMasks(Instruction instruction, Operand[] operands) {
    if (!instruction.form().isGather()) {
      return;
    }
    if (zeroed || (instruction.form() == Form.GATHER) == (mask == null)) {
      throw wrong(instruction, "needs a mask, and one that merges", operands);
    }
    Set<Integer> numbers = new HashSet<>(List.of(reg));
    if (rm instanceof Mem memory && memory.index() instanceof Vec indices) {
      numbers.add(indices.number());
    }
    if (instruction.form() == Form.GATHER_VEX) {
      numbers.add(vvvv);
    }
    if (numbers.size() != operands.length) {
      throw wrong(instruction, "needs registers that differ", operands);
    }
  }

  private Encoding choose(Instruction instruction, Operand... operands) {
    Feature vex = instruction.vex();
    Feature evex = instruction.evex();
    boolean plain =
        bits <= 256
            && highest < 16
            && mask == null
            && !(rm instanceof Mem memory && memory.broadcast());
    if (plain && vex != null && target.has(vex)) {
      return Encoding.VEX;
    }
    if (evex != null && target.has(evex) && (bits == 512 || target.has(Feature.AVX512VL))) {
      return Encoding.EVEX;
    }
    throw new IllegalStateException(
        instruction.mnemonic()
            + " with these operands is not in "
            + target.isa().property()
            + ": "
            + X86Assembler.join(operands));
  }

  private static IllegalArgumentException wrong(
      Instruction instruction, String what, Operand[] operands) {
    return new IllegalArgumentException(
        instruction.mnemonic() + " " + what + ": " + X86Assembler.join(operands));
  }

  private static Operand field(@Nullable Operand operand) {
    if (operand == null) {
      throw new IllegalStateException("Every form has an operand in ModRM.rm.");
    }
    return operand;
  }

  private int unit(Instruction instruction) {
    return rm instanceof Mem memory && memory.broadcast()
        ? instruction.broadcastBytes()
        : instruction.tuple().bytes(bits);
  }

  /** Bit 3 of the number of the base (or of the register in ModRM.rm). */
  private int extensionB() {
    return rm instanceof Mem memory ? bit(memory.base(), 3) : bit(rm, 3);
  }

  /** Bit 3 of the number of the index. */
  private int extensionX() {
    return rm instanceof Mem memory ? bit(memory.index(), 3) : bit(rm, 4);
  }

  private static int bit(@Nullable Operand register, int bit) {
    return register == null ? 0 : X86Assembler.number(register) >> bit & 1;
  }

  private void vexPrefix(Instruction instruction) {
    int notR = ~reg >> 3 & 1;
    int wide = instruction.wide(false) ? 1 : 0;
    int rest = (~vvvv & 15) << 3 | (bits == 256 ? 1 : 0) << 2 | instruction.prefix().encoding();
    boolean masks = instruction.form() == Form.MASKS;
    if (masks) {
      rest |= 1 << 2; // Operations on two opmasks are encoded with L = 1.
    }
    if (extensionB() == 0
        && extensionX() == 0
        && wide == 0
        && instruction.map() == Instruction.OpcodeMap.M0F) {
      assembler.buffer().int8(0xC5);
      assembler.buffer().int8(notR << 7 | rest);
      return;
    }
    assembler.buffer().int8(0xC4);
    assembler
        .buffer()
        .int8(
            notR << 7
                | (1 - extensionX()) << 6
                | (1 - extensionB()) << 5
                | instruction.map().encoding());
    assembler.buffer().int8(wide << 7 | rest);
  }

  private void evexPrefix(Instruction instruction) {
    boolean broadcast = rm instanceof Mem memory && memory.broadcast();
    // Bit 4 of a vector of indices shares its field with bit 4 of vvvv.
    int highV =
        rm instanceof Mem memory && memory.index() instanceof Vec indices
            ? indices.number() >> 4
            : vvvv >> 4;
    assembler.buffer().int8(0x62);
    assembler
        .buffer()
        .int8(
            (~reg >> 3 & 1) << 7
                | (1 - extensionX()) << 6
                | (1 - extensionB()) << 5
                | (~reg >> 4 & 1) << 4
                | instruction.map().encoding());
    assembler
        .buffer()
        .int8(
            (instruction.wide(true) ? 1 : 0) << 7
                | (~vvvv & 15) << 3
                | 1 << 2
                | instruction.prefix().encoding());
    int length = bits == 512 ? 2 : bits == 256 ? 1 : 0;
    assembler
        .buffer()
        .int8(
            (zeroed ? 1 : 0) << 7
                | length << 5
                | (broadcast ? 1 : 0) << 4
                | (1 - highV) << 3
                | (mask == null ? 0 : mask.number()));
  }
}
