package dev.tinytitan.codegen.arm;

import dev.tinytitan.codegen.code.Code;
import dev.tinytitan.codegen.code.CodeBuffer;
import dev.tinytitan.codegen.code.ConstantPool;
import dev.tinytitan.codegen.code.Label;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An assembler for AArch64: methods for general instructions, loads and stores, {@link
 * #emit(ArmInstruction, V, V, V)} and its siblings for those of the table {@link ArmInstruction}.
 * Encodings are those of the Arm Architecture Reference Manual for A-profile, chapters C6 and C7.
 * The listing is in the syntax of {@code objdump}. Serves one thread.
 */
public final class ArmAssembler {
  private static final int INSTRUCTION_BYTES = 4;

  private final CodeBuffer buffer = new CodeBuffer();
  private final ConstantPool constants = new ConstantPool();
  private final List<Fixup> fixups = new ArrayList<>();
  private final List<Code.Symbol> symbols = new ArrayList<>();
  private final List<Code.ListingLine> listing = new ArrayList<>();
  private final ArmIsa isa;
  private int labels;

  /** A field of {@code bits} bits from {@code shift} on becomes the distance in instructions. */
  private record Fixup(int position, int shift, int bits, Label label) {}

  /** An assembler that refuses what {@code isa} has not. */
  public ArmAssembler(ArmIsa isa) {
    this.isa = isa;
  }

  /** What the code is for. */
  public ArmIsa isa() {
    return isa;
  }

  /** Constants behind the code. */
  public ConstantPool constants() {
    return constants;
  }

  /**
   * The finished code. The assembler is not used afterwards.
   *
   * @throws IllegalStateException if a label has no place or is too far away
   */
  public Code finish() {
    int instructionBytes = buffer.size();
    constants.appendTo(buffer);
    for (Fixup fixup : fixups) {
      int distance = (fixup.label().offset() - fixup.position()) / INSTRUCTION_BYTES;
      int unused = 32 - fixup.bits();
      if (distance << unused >> unused != distance) {
        throw new IllegalStateException("Label " + fixup.label() + " is too far away.");
      }
      int field = distance << unused >>> unused << fixup.shift();
      buffer.setInt32(fixup.position(), buffer.int32At(fixup.position()) | field);
    }
    return new Code(buffer.toByteArray(), instructionBytes, symbols, listing);
  }

  /** A label without a place. */
  public Label label() {
    return new Label("L" + labels++);
  }

  /** Gives a label its place: here. */
  public Label bind(Label label) {
    label.bind(buffer.size());
    listing.add(new Code.ListingLine(buffer.size(), 0, label.name() + ":"));
    return label;
  }

  /** A label with its place here. */
  public Label here() {
    return bind(label());
  }

  /** Starts a function: it is found by this name in the finished code. */
  public void symbol(String name) {
    symbols.add(new Code.Symbol(name, buffer.size()));
    listing.add(new Code.ListingLine(buffer.size(), 0, name + ":"));
  }

  // Vector instructions on registers.

  /** Destination and source. */
  public void emit(ArmInstruction instruction, V to, V from) {
    check(instruction, ArmInstruction.Form.TWO);
    put(
        instruction.encoding() | (from.number() << 5) | to.number(),
        "%s %s.%s, %s.%s",
        instruction.mnemonic(),
        to,
        instruction.arrangement(0),
        from,
        instruction.arrangement(1));
  }

  /** Destination and two sources; products are added to the destination. */
  public void emit(ArmInstruction instruction, V to, V first, V second) {
    check(instruction, ArmInstruction.Form.THREE);
    put(
        instruction.encoding() | second.number() << 16 | first.number() << 5 | to.number(),
        "%s %s.%s, %s.%s, %s.%s",
        instruction.mnemonic(),
        to,
        instruction.arrangement(0),
        first,
        instruction.arrangement(1),
        second,
        instruction.arrangement(2));
  }

  /** Dot products of {@code first} with one group of four bytes of {@code second}. */
  public void emit(ArmInstruction instruction, V to, V first, V second, int group) {
    check(instruction, ArmInstruction.Form.ELEMENT);
    checkRange(group, 0, 3, "group");
    put(
        instruction.encoding()
            | (group & 1) << 21
            | (group >> 1) << 11
            | second.number() << 16
            | first.number() << 5
            | to.number(),
        "%s %s.%s, %s.%s, %s.%s[%d]",
        instruction.mnemonic(),
        to,
        instruction.arrangement(0),
        first,
        instruction.arrangement(1),
        second,
        instruction.arrangement(2),
        group);
  }

  private void check(ArmInstruction instruction, ArmInstruction.Form form) {
    if (instruction.form() != form) {
      throw new IllegalArgumentException(instruction + " takes other operands.");
    }
    if (instruction.isa().compareTo(isa) > 0) {
      throw new IllegalStateException(instruction + " is not in " + isa + ".");
    }
  }

  /** All bytes 0. */
  public void clear(V to) {
    put(0x6F00E400 | to.number(), "movi %s.2d, #0x0", to);
  }

  /** A copy of the whole register. */
  public void mov(V to, V from) {
    put(
        0x4EA01C00 | from.number() << 16 | from.number() << 5 | to.number(),
        "mov %s.16b, %s.16b",
        to,
        from);
  }

  /** Each element becomes element {@code index} of {@code from}. */
  public void dup4s(V to, V from, int index) {
    checkRange(index, 0, 3, "element");
    put(
        0x4E040400 | index << 19 | from.number() << 5 | to.number(),
        "dup %s.4s, %s.s[%d]",
        to,
        from,
        index);
  }

  // Loads and stores.

  /** Loads or stores so many bytes of a vector register: its lowest ones. */
  public enum Size {
    /** 4 bytes. */
    S(4, 0xBD400000, 0xBC400400),
    /** 8 bytes. */
    D(8, 0xFD400000, 0xFC400400),
    /** 16 bytes. */
    Q(16, 0x3DC00000, 0x3CC00400);

    private final int bytes;
    private final int offsetEncoding;
    private final int postEncoding;

    Size(int bytes, int offsetEncoding, int postEncoding) {
      this.bytes = bytes;
      this.offsetEncoding = offsetEncoding;
      this.postEncoding = postEncoding;
    }

    /** How many bytes. */
    public int bytes() {
      return bytes;
    }

    private String register(V register) {
      return name().toLowerCase(Locale.ROOT) + register.number();
    }
  }

  private static final int LOAD_BIT = 1 << 22;

  /**
   * Loads; what lies above becomes 0.
   *
   * @param offset bytes, a multiple of the size, less than 4096 times it
   */
  public void load(Size size, V to, X base, int offset) {
    move("ldr", size, to, base, offset, size.offsetEncoding);
  }

  /** Stores; {@code offset} as for {@link #load}. */
  public void store(Size size, V from, X base, int offset) {
    move("str", size, from, base, offset, size.offsetEncoding & ~LOAD_BIT);
  }

  private void move(String mnemonic, Size size, V register, X base, int offset, int encoding) {
    if (offset < 0 || offset % size.bytes != 0 || offset / size.bytes > 4095) {
      throw new IllegalArgumentException("An offset of " + offset + " cannot be encoded.");
    }
    put(
        encoding | (offset / size.bytes) << 10 | base.number() << 5 | register.number(),
        "%s %s, [%s%s]",
        mnemonic,
        size.register(register),
        base,
        offset == 0 ? "" : ", #" + offset);
  }

  /** Loads, then adds {@code step} (−256 to 255) to the base. */
  public void loadAndStep(Size size, V to, X base, int step) {
    moveAndStep("ldr", size, to, base, step, size.postEncoding);
  }

  /** Stores, then adds {@code step} (−256 to 255) to the base. */
  public void storeAndStep(Size size, V from, X base, int step) {
    moveAndStep("str", size, from, base, step, size.postEncoding & ~LOAD_BIT);
  }

  private void moveAndStep(String mnemonic, Size size, V register, X base, int step, int encoding) {
    checkRange(step, -256, 255, "step");
    put(
        encoding | (step & 0x1FF) << 12 | base.number() << 5 | register.number(),
        "%s %s, [%s], #%d",
        mnemonic,
        size.register(register),
        base,
        step);
  }

  /** Loads eight bytes into the upper half; the lower stays. */
  public void loadUpperHalf(V to, X base) {
    put(0x4D408400 | base.number() << 5 | to.number(), "ld1 {%s.d}[1], [%s]", to, base);
  }

  /** Stores one byte, then adds 1 to the base. */
  public void storeByteAndStep(V from, int index, X base) {
    checkRange(index, 0, 15, "element");
    put(
        0x0D9F0000 | (index >> 3) << 30 | (index & 7) << 10 | base.number() << 5 | from.number(),
        "st1 {%s.b}[%d], [%s], #1",
        from,
        index,
        base);
  }

  /** Loads one element of 32 bits, then adds 4 to the base; other elements stay. */
  public void loadWordAndStep(V to, int index, X base) {
    checkRange(index, 0, 3, "element");
    put(
        0x0DDF8000 | (index >> 1) << 30 | (index & 1) << 12 | base.number() << 5 | to.number(),
        "ld1 {%s.s}[%d], [%s], #4",
        to,
        index,
        base);
  }

  /** Loads one byte into element {@code index}, then adds 1 to the base; others stay. */
  public void loadByteAndStep(V to, int index, X base) {
    checkRange(index, 0, 15, "element");
    put(
        0x0DDF0000 | (index >> 3) << 30 | (index & 7) << 10 | base.number() << 5 | to.number(),
        "ld1 {%s.b}[%d], [%s], #1",
        to,
        index,
        base);
  }

  /** Loads 16 bytes of constants. */
  public void loadConstant(V to, Label constant) {
    branch(0x9C000000 | to.number(), 5, 19, constant, "ldr q" + to.number() + ", ");
  }

  /** Loads a pointer or word of 64 bits. */
  public void load(X to, X base, int offset) {
    if (offset < 0 || offset % 8 != 0 || offset / 8 > 4095) {
      throw new IllegalArgumentException("An offset of " + offset + " cannot be encoded.");
    }
    put(
        0xF9400000 | (offset / 8) << 10 | base.number() << 5 | to.number(),
        "ldr %s, [%s%s]",
        to,
        base,
        offset == 0 ? "" : ", #" + offset);
  }

  // General instructions.

  /** {@code to = value}, 0 to 2³² − 1. */
  public void mov(X to, long value) {
    if (value < 0 || value >>> 32 != 0) {
      throw new IllegalArgumentException(value + " does not fit 32 bits.");
    }
    int low = (int) value & 0xFFFF;
    int high = (int) (value >>> 16);
    if (low == 0 && high != 0) {
      put(0xD2A00000 | high << 5 | to.number(), "mov %s, #0x%x", to, value);
      return;
    }
    put(0xD2800000 | low << 5 | to.number(), "mov %s, #0x%x", to, low);
    if (high != 0) {
      put(0xF2A00000 | high << 5 | to.number(), "movk %s, #0x%x, lsl #16", to, high);
    }
  }

  /** {@code to = from}. */
  public void mov(X to, X from) {
    put(0xAA0003E0 | from.number() << 16 | to.number(), "mov %s, %s", to, from);
  }

  /** {@code to = from + value}; any value of less than 24 bits, in at most two instructions. */
  public void add(X to, X from, int value) {
    int magnitude = Math.abs(value);
    checkRange(magnitude, 0, 0xFFFFFF, "value");
    String mnemonic = value < 0 ? "sub" : "add";
    int encoding = value < 0 ? 0xD1000000 : 0x91000000;
    int low = magnitude & 0xFFF;
    int high = magnitude >> 12;
    X source = from;
    if (high != 0) {
      put(
          encoding | 1 << 22 | high << 10 | source.number() << 5 | to.number(),
          "%s %s, %s, #0x%x, lsl #12",
          mnemonic,
          to,
          source,
          high);
      source = to;
    }
    if (low != 0 || high == 0) {
      put(
          encoding | low << 10 | source.number() << 5 | to.number(),
          "%s %s, %s, #0x%x",
          mnemonic,
          to,
          source,
          low);
    }
  }

  /** {@code counter -= value} (0 to 4095), and sets the flags. */
  public void subs(X counter, int value) {
    checkRange(value, 0, 4095, "value");
    put(
        0xF1000000 | value << 10 | counter.number() << 5 | counter.number(),
        "subs %s, %s, #0x%x",
        counter,
        counter,
        value);
  }

  /** Goes on at the label if the last {@link #subs} did not give 0. */
  public void branchIfNotZero(Label label) {
    branch(0x54000001, 5, 19, label, "b.ne ");
  }

  /** Returns. */
  public void ret() {
    put(0xD65F03C0, "ret");
  }

  private void branch(int encoding, int shift, int bits, Label label, String text) {
    fixups.add(new Fixup(buffer.size(), shift, bits, label));
    put(encoding, "%s%s", text, label);
  }

  @SuppressWarnings("AnnotateFormatMethod") // The annotation would be a dependency.
  private void put(int encoding, String format, Object... arguments) {
    listing.add(
        new Code.ListingLine(
            buffer.size(), INSTRUCTION_BYTES, String.format(Locale.ROOT, format, arguments)));
    buffer.int32(encoding);
  }

  private static void checkRange(int value, int least, int most, String what) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "The " + what + " is " + value + ", not from " + least + " to " + most + ".");
    }
  }
}
