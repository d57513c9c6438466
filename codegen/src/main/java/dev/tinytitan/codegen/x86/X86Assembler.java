package dev.tinytitan.codegen.x86;

import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.code.Code;
import dev.tinytitan.codegen.code.CodeBuffer;
import dev.tinytitan.codegen.code.ConstantPool;
import dev.tinytitan.codegen.code.Label;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An assembler for x86-64: methods for the general-purpose instructions, {@link #emit(Instruction,
 * Operand, Operand, Operand)} and its siblings for those of the table {@link Instruction}. Labels
 * are bound before or after their use; constants lie behind the code and are addressed relative to
 * it, so the code can be put anywhere.
 *
 * <p>Asked for a listing, it keeps the text of each instruction, in Intel's syntax as {@code
 * objdump -M intel} prints it. Encodings are those of the Intel 64 and IA-32 Architectures Software
 * Developer's Manual (SDM), Volume 2. An instruction that the target has not is refused. Serves one
 * thread.
 */
public final class X86Assembler {
  private final CodeBuffer buffer = new CodeBuffer();
  private final ConstantPool constants = new ConstantPool();
  private final List<Fixup> fixups = new ArrayList<>();
  private final List<Code.Symbol> symbols = new ArrayList<>();
  private final List<Code.ListingLine> listing = new ArrayList<>();
  private final Target target;
  private final boolean listed;
  private final VectorEncoder vectors;
  private int labels;

  /** Four bytes at {@code position} become the distance from {@code end} to the label. */
  private record Fixup(int position, Label label) {}

  /** An assembler without a listing. */
  public X86Assembler(Target target) {
    this(target, false);
  }

  /**
   * An assembler.
   *
   * @param listed whether to keep the text of each instruction
   */
  public X86Assembler(Target target, boolean listed) {
    this.target = target;
    this.listed = listed;
    this.vectors = new VectorEncoder(this, target);
  }

  /** What the code is for. */
  public Target target() {
    return target;
  }

  /** Bytes so far. */
  public int size() {
    return buffer.size();
  }

  /** The constants behind the code; {@code Mem.at(constants().floats(1f))} is one in memory. */
  public ConstantPool constants() {
    return constants;
  }

  /**
   * The finished code. The assembler is not used afterwards.
   *
   * @throws IllegalStateException if a label that is referred to has no place
   */
  public Code finish() {
    int instructionBytes = buffer.size();
    constants.appendTo(buffer);
    for (Fixup fixup : fixups) {
      // The field holds what is to be added: the displacement, less the way to the instruction's
      // end.
      int addend = buffer.int32At(fixup.position());
      buffer.setInt32(fixup.position(), fixup.label().offset() - fixup.position() + addend);
    }
    return new Code(buffer.toByteArray(), instructionBytes, symbols, listing);
  }

  // Labels and remarks.

  /** A label without a place. */
  public Label label() {
    return label("L" + labels++);
  }

  /** A label without a place, with a name for the listing. */
  public Label label(String name) {
    return new Label(name);
  }

  /** A label with its place here. */
  public Label here() {
    return bind(label());
  }

  /** Gives a label its place: here. */
  public Label bind(Label label) {
    label.bind(buffer.size());
    remark(label.name() + ":");
    return label;
  }

  /** Starts a function: it is found by this name in the finished code. */
  public void symbol(String name) {
    symbols.add(new Code.Symbol(name, buffer.size()));
    remark(name + ":");
  }

  /** A remark in the listing. */
  public void comment(String text) {
    remark("; " + text);
  }

  private void remark(String text) {
    if (listed) {
      listing.add(new Code.ListingLine(buffer.size(), 0, text));
    }
  }

  /** Goes on at a multiple of {@code alignment} bytes, a power of two up to 64. */
  public void align(int alignment) {
    while (buffer.size() % alignment != 0) {
      int start = buffer.size();
      int length = Math.min(alignment - buffer.size() % alignment, Nops.LONGEST);
      buffer.bytes(Nops.bytes(length));
      record(start, Nops.text(length));
    }
  }

  // Vector instructions.

  /** An instruction with two operands, the destination first. */
  public void emit(Instruction instruction, Operand first, Operand second) {
    vector(instruction, false, 0, first, second);
  }

  /** An instruction with three operands, the destination first. */
  public void emit(Instruction instruction, Operand first, Operand second, Operand third) {
    vector(instruction, false, 0, first, second, third);
  }

  /** An instruction with two operands and an immediate of eight bits. */
  public void emit(Instruction instruction, Operand first, Operand second, int immediate) {
    vector(instruction, true, immediate, first, second);
  }

  /** An instruction with three operands and an immediate of eight bits. */
  public void emit(
      Instruction instruction, Operand first, Operand second, Operand third, int immediate) {
    vector(instruction, true, immediate, first, second, third);
  }

  private void vector(
      Instruction instruction, boolean hasImmediate, int immediate, Operand... operands) {
    if (instruction.form().hasImmediate() != hasImmediate) {
      throw new IllegalArgumentException(
          instruction.mnemonic() + (hasImmediate ? " has no immediate" : " needs an immediate"));
    }
    int start = buffer.size();
    vectors.encode(instruction, immediate, operands);
    if (listed) {
      record(start, vectors.text(instruction, immediate, operands));
    }
  }

  /** Zeroes the upper halves of all vector registers: before returning to compiled Java. */
  public void vzeroupper() {
    simple("vzeroupper", 0xC5, 0xF8, 0x77);
  }

  // Moves.

  /** {@code to = from}. */
  public void mov(Gpr to, Gpr from) {
    general("mov", true, from.number(), to, 0x89);
    text(to, from);
  }

  /** {@code to = value}, in the shortest encoding; flags stay as they are. */
  public void mov(Gpr to, long value) {
    int start = buffer.size();
    if (value >>> 32 == 0) {
      rex(false, 0, to, false);
      buffer.int8(0xB8 | (to.number() & 7));
      buffer.int32((int) value);
      record(start, "mov " + to.name32() + ",0x" + Long.toHexString(value));
    } else if (value == (int) value) {
      rex(true, 0, to, false);
      buffer.int8(0xC7);
      modRm(0, to, 1, 4);
      buffer.int32((int) value);
      record(start, "mov " + to + ",0x" + Long.toHexString(value));
    } else {
      rex(true, 0, to, false);
      buffer.int8(0xB8 | (to.number() & 7));
      buffer.int64(value);
      record(start, "movabs " + to + ",0x" + Long.toHexString(value));
    }
  }

  /** Loads 64 bits. */
  public void mov(Gpr to, Mem from) {
    general("mov", true, to.number(), from, 0x8B);
    text(to, qword(from));
  }

  /** Stores 64 bits. */
  public void mov(Mem to, Gpr from) {
    general("mov", true, from.number(), to, 0x89);
    text(qword(to), from);
  }

  /** Loads 32 bits; the upper half becomes 0. */
  public void mov32(Gpr to, Mem from) {
    general("mov", false, to.number(), from, 0x8B);
    text(to.name32(), dword(from));
  }

  /** Copies 32 bits; the upper half becomes 0. */
  public void mov32(Gpr to, Gpr from) {
    general("mov", false, from.number(), to, 0x89);
    text(to.name32(), from.name32());
  }

  /** Stores 32 bits. */
  public void mov32(Mem to, Gpr from) {
    general("mov", false, from.number(), to, 0x89);
    text(dword(to), from.name32());
  }

  /** Stores 8 bits. */
  public void mov8(Mem to, Gpr from) {
    int start = buffer.size();
    rex(false, from.number(), to, from.number() >= 4);
    buffer.int8(0x88);
    modRm(from.number(), to, 1, 0);
    record(start, "mov BYTE PTR " + to + "," + from.name8());
  }

  /**
   * Exchanges 32 bits with memory in one step that no other thread can divide; the register's upper
   * half becomes 0.
   */
  public void xchg32(Mem memory, Gpr register) {
    general("xchg", false, register.number(), memory, 0x87);
    text(dword(memory), register.name32());
  }

  /** Loads 8 bits without a sign. */
  public void movzx8(Gpr to, Mem from) {
    general("movzx", false, to.number(), from, 0x0F, 0xB6);
    text(to.name32(), "BYTE PTR " + from);
  }

  /** Loads 8 bits with their sign. */
  public void movsx8(Gpr to, Mem from) {
    general("movsx", true, to.number(), from, 0x0F, 0xBE);
    text(to, "BYTE PTR " + from);
  }

  /** Loads 16 bits without a sign. */
  public void movzx16(Gpr to, Mem from) {
    general("movzx", false, to.number(), from, 0x0F, 0xB7);
    text(to.name32(), "WORD PTR " + from);
  }

  /** Loads 32 bits with their sign. */
  public void movsxd(Gpr to, Mem from) {
    general("movsxd", true, to.number(), from, 0x63);
    text(to, dword(from));
  }

  /** {@code to} = the address. */
  public void lea(Gpr to, Mem address) {
    general("lea", true, to.number(), address, 0x8D);
    text(to, address);
  }

  /** {@code to = from} if the condition holds. */
  public void cmov(Condition condition, Gpr to, Gpr from) {
    general("cmov" + condition.suffix(), true, to.number(), from, 0x0F, 0x40 + condition.number());
    text(to, from);
  }

  /** Pushes 64 bits. */
  public void push(Gpr register) {
    stack("push", 0x50, register);
  }

  /** Pops 64 bits. */
  public void pop(Gpr register) {
    stack("pop", 0x58, register);
  }

  private void stack(String mnemonic, int opcode, Gpr register) {
    int start = buffer.size();
    rex(false, 0, register, false);
    buffer.int8(opcode | (register.number() & 7));
    record(start, mnemonic + " " + register);
  }

  // Arithmetic on 64 bits.

  /** {@code to += value}. */
  public void add(Gpr to, int value) {
    arithmetic("add", 0, to, value);
  }

  /** {@code to += from}. */
  public void add(Gpr to, Gpr from) {
    arithmetic("add", 0, to, from);
  }

  /** {@code to +=} memory. */
  public void add(Gpr to, Mem from) {
    arithmetic("add", 0, to, from);
  }

  /** {@code to |= from}. */
  public void or(Gpr to, Gpr from) {
    arithmetic("or", 1, to, from);
  }

  /** {@code to &= value}. */
  public void and(Gpr to, int value) {
    arithmetic("and", 4, to, value);
  }

  /** {@code to &= from}. */
  public void and(Gpr to, Gpr from) {
    arithmetic("and", 4, to, from);
  }

  /** {@code to -= value}. */
  public void sub(Gpr to, int value) {
    arithmetic("sub", 5, to, value);
  }

  /** {@code to -= from}. */
  public void sub(Gpr to, Gpr from) {
    arithmetic("sub", 5, to, from);
  }

  /** {@code to ^= from}. */
  public void xor(Gpr to, Gpr from) {
    arithmetic("xor", 6, to, from);
  }

  /** Sets the register to 0, by the lower halves: shorter. */
  public void clear(Gpr register) {
    general("xor", false, register.number(), register, 0x31);
    text(register.name32(), register.name32());
  }

  /** Compares with {@code value}. */
  public void cmp(Gpr left, int value) {
    arithmetic("cmp", 7, left, value);
  }

  /** Compares two registers. */
  public void cmp(Gpr left, Gpr right) {
    arithmetic("cmp", 7, left, right);
  }

  /** Compares with memory. */
  public void cmp(Gpr left, Mem right) {
    arithmetic("cmp", 7, left, right);
  }

  /** Sets flags by {@code left & right}. */
  public void test(Gpr left, Gpr right) {
    general("test", true, right.number(), left, 0x85);
    text(left, right);
  }

  /** {@code to += 1}. */
  public void inc(Gpr to) {
    general("inc", true, 0, to, 0xFF);
    text(to);
  }

  /** {@code to -= 1}. */
  public void dec(Gpr to) {
    general("dec", true, 1, to, 0xFF);
    text(to);
  }

  /** {@code to = -to}. */
  public void neg(Gpr to) {
    general("neg", true, 3, to, 0xF7);
    text(to);
  }

  /** {@code to *= from}. */
  public void imul(Gpr to, Gpr from) {
    general("imul", true, to.number(), from, 0x0F, 0xAF);
    text(to, from);
  }

  /** {@code to = from * value}. */
  public void imul(Gpr to, Gpr from, int value) {
    int start = buffer.size();
    boolean small = value == (byte) value;
    rex(true, to.number(), from, false);
    buffer.int8(small ? 0x6B : 0x69);
    modRm(to.number(), from, 1, small ? 1 : 4);
    immediate(value, small);
    record(start, "imul " + to + "," + from + "," + hex(value));
  }

  /** {@code to <<= count}. */
  public void shl(Gpr to, int count) {
    shift("shl", 4, to, count);
  }

  /** {@code to >>>= count}. */
  public void shr(Gpr to, int count) {
    shift("shr", 5, to, count);
  }

  /** {@code to >>= count}. */
  public void sar(Gpr to, int count) {
    shift("sar", 7, to, count);
  }

  private void shift(String mnemonic, int extension, Gpr to, int count) {
    int start = buffer.size();
    rex(true, 0, to, false);
    buffer.int8(0xC1);
    modRm(extension, to, 1, 1);
    buffer.int8(count);
    record(start, mnemonic + " " + to + "," + hex(count));
  }

  private void arithmetic(String mnemonic, int number, Gpr to, int value) {
    int start = buffer.size();
    boolean small = value == (byte) value;
    rex(true, 0, to, false);
    buffer.int8(small ? 0x83 : 0x81);
    modRm(number, to, 1, small ? 1 : 4);
    immediate(value, small);
    record(start, mnemonic + " " + to + "," + hex(value));
  }

  private void arithmetic(String mnemonic, int number, Gpr to, Gpr from) {
    general(mnemonic, true, from.number(), to, 8 * number + 1);
    text(to, from);
  }

  private void arithmetic(String mnemonic, int number, Gpr to, Mem from) {
    general(mnemonic, true, to.number(), from, 8 * number + 3);
    text(to, qword(from));
  }

  // Control.

  /** Goes on at the label. */
  public void jmp(Label label) {
    jump("jmp", 0xEB, new int[] {0xE9}, label);
  }

  /** Goes on at the label if the condition holds. */
  public void jump(Condition condition, Label label) {
    jump(
        "j" + condition.suffix(),
        0x70 + condition.number(),
        new int[] {0x0F, 0x80 + condition.number()},
        label);
  }

  /** Calls a function of this code. */
  public void call(Label label) {
    int start = buffer.size();
    buffer.int8(0xE8);
    distance(label);
    record(start, "call " + label);
  }

  /** Calls what the register points to. */
  public void call(Gpr register) {
    general("call", false, 2, register, 0xFF);
    text(register);
  }

  /** Returns. */
  public void ret() {
    simple("ret", 0xC3);
  }

  /** Ends the process with SIGTRAP, or stops a debugger here. */
  public void int3() {
    simple("int3", 0xCC);
  }

  /** Asks the processor what it is (SDM Vol. 2, CPUID): changes EAX, EBX, ECX and EDX. */
  public void cpuid() {
    simple("cpuid", 0x0F, 0xA2);
  }

  /** EDX:EAX = the register states that the operating system keeps; ECX selects, 0. */
  public void xgetbv() {
    simple("xgetbv", 0x0F, 0x01, 0xD0);
  }

  /** Tells the processor that this is a loop that waits for another thread. */
  public void pause() {
    simple("pause", 0xF3, 0x90);
  }

  /** Calls the operating system; changes RAX, RCX and R11. */
  public void syscall() {
    simple("syscall", 0x0F, 0x05);
  }

  /** Brings a line into all caches. */
  public void prefetcht0(Mem address) {
    general("prefetcht0", false, 1, address, 0x0F, 0x18);
    text("BYTE PTR " + address);
  }

  /** Brings a line into the second-level cache. */
  public void prefetcht1(Mem address) {
    general("prefetcht1", false, 2, address, 0x0F, 0x18);
    text("BYTE PTR " + address);
  }

  /** Brings a line into the cache, to be written. */
  public void prefetchw(Mem address) {
    general("prefetchw", false, 1, address, 0x0F, 0x0D);
    text("BYTE PTR " + address);
  }

  private void jump(String mnemonic, int shortOpcode, int[] nearOpcode, Label label) {
    int start = buffer.size();
    int shortDistance = label.isBound() ? label.offset() - (start + 2) : Integer.MIN_VALUE;
    if (shortDistance == (byte) shortDistance) {
      buffer.int8(shortOpcode);
      buffer.int8(shortDistance);
    } else {
      for (int each : nearOpcode) {
        buffer.int8(each);
      }
      distance(label);
    }
    record(start, mnemonic + " " + label);
  }

  private void simple(String mnemonic, int... opcode) {
    int start = buffer.size();
    for (int each : opcode) {
      buffer.int8(each);
    }
    record(start, mnemonic);
  }

  // Parts of encodings.

  private int pendingStart;
  private String pendingMnemonic = "";

  /** REX, opcode, ModRM; {@link #text} follows. */
  private void general(String mnemonic, boolean wide, int reg, Operand rm, int... opcode) {
    pendingStart = buffer.size();
    pendingMnemonic = mnemonic;
    rex(wide, reg, rm, false);
    for (int each : opcode) {
      buffer.int8(each);
    }
    modRm(reg, rm, 1, 0);
  }

  private void text(Object... operands) {
    if (listed) {
      record(
          pendingStart,
          pendingMnemonic
              + " "
              + Arrays.stream(operands).map(Object::toString).collect(Collectors.joining(",")));
    }
  }

  private void record(int start, String text) {
    if (listed) {
      listing.add(new Code.ListingLine(start, buffer.size() - start, text));
    }
  }

  CodeBuffer buffer() {
    return buffer;
  }

  /** The prefix REX (SDM Vol. 2, 2.2.1), where it is needed. */
  private void rex(boolean wide, int reg, Operand rm, boolean always) {
    int x = 0;
    int b;
    if (rm instanceof Mem memory) {
      x = memory.index() == null ? 0 : number(memory.index()) >> 3;
      b = memory.base() == null ? 0 : memory.base().number() >> 3;
    } else {
      b = number(rm) >> 3;
    }
    int prefix = 0x40 | (wide ? 8 : 0) | (reg >> 3) << 2 | x << 1 | b;
    if (prefix != 0x40 || always) {
      buffer.int8(prefix);
    }
  }

  /**
   * ModRM, SIB and displacement (SDM Vol. 2, 2.1.3 and 2.1.5).
   *
   * @param reg the number for the field reg, or the rest of the opcode
   * @param unit what a displacement of one byte is multiplied by (EVEX: SDM Vol. 2, 2.7.5)
   * @param following bytes of the instruction behind the displacement
   */
  void modRm(int reg, Operand rm, int unit, int following) {
    int regField = (reg & 7) << 3;
    if (!(rm instanceof Mem memory)) {
      buffer.int8(0xC0 | regField | (number(rm) & 7));
      return;
    }
    Gpr base = memory.base();
    Label label = memory.label();
    if (base == null) {
      if (label == null) {
        throw new IllegalStateException("An address has a base register or else a label.");
      }
      buffer.int8(regField | 5);
      fixups.add(new Fixup(buffer.size(), label));
      buffer.int32(memory.displacement() - 4 - following);
      return;
    }
    int displacement = memory.displacement();
    int low = base.number() & 7;
    boolean small = displacement % unit == 0 && displacement / unit == (byte) (displacement / unit);
    // A base of RBP or R13 without displacement would mean something else.
    int mode = displacement == 0 && low != 5 ? 0 : small ? 1 : 2;
    Operand index = memory.index();
    if (index == null && low != 4) {
      buffer.int8(mode << 6 | regField | low);
    } else {
      buffer.int8(mode << 6 | regField | 4);
      int scale = Integer.numberOfTrailingZeros(memory.scale());
      buffer.int8(scale << 6 | (index == null ? 4 : number(index) & 7) << 3 | low);
    }
    if (mode == 1) {
      buffer.int8(displacement / unit);
    } else if (mode == 2) {
      buffer.int32(displacement);
    }
  }

  private void distance(Label label) {
    fixups.add(new Fixup(buffer.size(), label));
    buffer.int32(-4);
  }

  private void immediate(int value, boolean small) {
    if (small) {
      buffer.int8(value);
    } else {
      buffer.int32(value);
    }
  }

  // Texts.

  static int number(Operand register) {
    // No switch over classes: the JVM takes milliseconds to link one, and this is called first.
    if (register instanceof Vec vector) {
      return vector.number();
    }
    if (register instanceof Gpr gpr) {
      return gpr.number();
    }
    if (register instanceof Mask mask) {
      return mask.number();
    }
    throw new IllegalArgumentException(register + " is no register.");
  }

  static String join(Operand... operands) {
    return Arrays.stream(operands).map(Object::toString).collect(Collectors.joining(","));
  }

  private static String hex(int value) {
    return "0x" + Long.toHexString(value);
  }

  private static String dword(Mem memory) {
    return "DWORD PTR " + memory;
  }

  private static String qword(Mem memory) {
    return "QWORD PTR " + memory;
  }
}
