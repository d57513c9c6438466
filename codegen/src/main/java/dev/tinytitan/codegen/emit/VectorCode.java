package dev.tinytitan.codegen.emit;

import static dev.tinytitan.codegen.x86.Instruction.KMOVW_FROM_GPR;
import static dev.tinytitan.codegen.x86.Instruction.VMOVDQU;
import static dev.tinytitan.codegen.x86.Instruction.VMOVDQU32;
import static dev.tinytitan.codegen.x86.Instruction.VMOVQ;
import static dev.tinytitan.codegen.x86.Instruction.VPACKUSDW;
import static dev.tinytitan.codegen.x86.Instruction.VPACKUSWB;
import static dev.tinytitan.codegen.x86.Instruction.VPAND;
import static dev.tinytitan.codegen.x86.Instruction.VPANDD;
import static dev.tinytitan.codegen.x86.Instruction.VPERMD;
import static dev.tinytitan.codegen.x86.Instruction.VPERMPS;
import static dev.tinytitan.codegen.x86.Instruction.VPMASKMOVD;
import static dev.tinytitan.codegen.x86.Instruction.VPMOVDB;
import static dev.tinytitan.codegen.x86.Instruction.VPOR;
import static dev.tinytitan.codegen.x86.Instruction.VPORD;
import static dev.tinytitan.codegen.x86.Instruction.VPXOR;
import static dev.tinytitan.codegen.x86.Instruction.VPXORD;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Instruction;
import dev.tinytitan.codegen.x86.Mask;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.Vec;
import dev.tinytitan.codegen.x86.X86Assembler;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What generators share: registers by role, loops, constants, stores of parts of vectors. One
 * generator serves 256-bit and 512-bit vectors by it. Serves one thread.
 */
public final class VectorCode {
  private static final Mask[] MASKS = {Mask.K1, Mask.K2, Mask.K3, Mask.K4, Mask.K5, Mask.K6};

  private final X86Assembler assembler;
  private final Isa isa;
  private final Map<Integer, Mask> masks = new HashMap<>();

  /** Short forms over an assembler, with vectors as wide as its target has them. */
  public VectorCode(X86Assembler assembler) {
    this.assembler = assembler;
    this.isa = assembler.target().isa();
  }

  public X86Assembler assembler() {
    return assembler;
  }

  public Isa isa() {
    return isa;
  }

  /** Bytes of a vector. */
  public int vectorBytes() {
    return isa.vectorBits() / 8;
  }

  /** Elements of 32 bits in a vector. */
  public int dwords() {
    return isa.vectorBits() / 32;
  }

  /** Pieces of 128 bits in a vector, in which packing and unpacking work. */
  public int lanes() {
    return isa.vectorBits() / 128;
  }

  /** Vector register {@code number} at the full width. */
  public Vec vector(int number) {
    return Vec.of(number, isa.vectorBits());
  }

  /** Before each function: nothing is known of the registers. */
  public void startFunction() {
    masks.clear();
  }

  // Short forms.

  public void op(Instruction instruction, int to, int from) {
    assembler.emit(instruction, vector(to), vector(from));
  }

  public void op(Instruction instruction, int to, Mem from) {
    assembler.emit(instruction, vector(to), from);
  }

  public void op(Instruction instruction, int to, int left, int right) {
    assembler.emit(instruction, vector(to), vector(left), vector(right));
  }

  public void op(Instruction instruction, int to, int left, Mem right) {
    assembler.emit(instruction, vector(to), vector(left), right);
  }

  /** Loads a whole vector from any address. */
  public void load(int to, Mem from) {
    assembler.emit(isa.vectorBits() == 512 ? VMOVDQU32 : VMOVDQU, vector(to), from);
  }

  /** Copies a register. */
  public void copy(int to, int from) {
    assembler.emit(isa.vectorBits() == 512 ? VMOVDQU32 : VMOVDQU, vector(to), vector(from));
  }

  /** Sets a register to 0. */
  public void clear(int to) {
    op(isa.vectorBits() == 512 ? VPXORD : VPXOR, to, to, to);
  }

  /** Bitwise and. */
  public void and(int to, int left, int right) {
    op(isa.vectorBits() == 512 ? VPANDD : VPAND, to, left, right);
  }

  /** Bitwise or. */
  public void or(int to, int left, int right) {
    op(isa.vectorBits() == 512 ? VPORD : VPOR, to, left, right);
  }

  /**
   * Combines all elements of a register; each place then has the result.
   *
   * @param spare changes
   */
  public void reduce(Instruction instruction, int register, int spare) {
    for (int distance = dwords() / 2; distance > 0; distance /= 2) {
      int[] order = new int[dwords()];
      for (int i = 0; i < order.length; i++) {
        order[i] = i ^ distance;
      }
      load(spare, ints(order));
      op(VPERMPS, spare, spare, register);
      op(instruction, register, register, spare);
    }
  }

  // Constants.

  /** A vector of one float in all places. */
  public Mem floats(float value) {
    float[] values = new float[dwords()];
    Arrays.fill(values, value);
    return Mem.at(assembler.constants().floats(values));
  }

  /** A vector of one 32-bit integer in all places. */
  public Mem ints(int value) {
    int[] values = new int[dwords()];
    Arrays.fill(values, value);
    return Mem.at(assembler.constants().ints(values));
  }

  /** A vector of these 32-bit integers. */
  public Mem ints(int[] values) {
    return Mem.at(assembler.constants().ints(values));
  }

  /** A vector of one 16-bit integer in all places. */
  public Mem words(int value) {
    return ints((value & 0xFFFF) | value << 16);
  }

  /** A vector of one byte in all places. */
  public Mem bytes(int value) {
    return ints((value & 0xFF) * 0x01010101);
  }

  // Loops.

  /**
   * Code that is run {@code count} times: what is emitted in {@code for (var _ : code.loop(counter,
   * count)) { ... }}. It is emitted once, or not at all for 0; {@code counter} counts down.
   */
  public Loop loop(Gpr counter, int count) {
    return new Loop(assembler, counter, count);
  }

  /** Adds a constant to a pointer; nothing for 0. */
  public void advance(Gpr pointer, int bytes) {
    if (bytes != 0) {
      assembler.add(pointer, bytes);
    }
  }

  // Parts of vectors.

  /** Makes the masks that {@link #store} will need, outside of loops. */
  public void prepareStore(int first, int count) {
    if (isa.vectorBits() == 512 && count < dwords()) {
      mask(bits(first, count));
    }
  }

  private static int bits(int first, int count) {
    return ((1 << count) - 1) << first;
  }

  private Mask mask(int bits) {
    Mask known = masks.get(bits);
    if (known != null) {
      return known;
    }
    // When all are taken the last one is set at each use, which is right in loops, too.
    Mask next = masks.size() < MASKS.length ? MASKS[masks.size()] : Mask.K7;
    if (next != Mask.K7) {
      masks.put(bits, next);
    }
    assembler.mov(Gpr.RAX, bits);
    assembler.emit(KMOVW_FROM_GPR, next, Gpr.RAX);
    return next;
  }

  /** The mask of these elements of 32 bits (AVX-512); changes RAX. */
  public Mask mask(int first, int count) {
    return mask(bits(first, count));
  }

  /**
   * Stores 32-bit elements {@code first} to {@code first + count} of a register; changes RAX.
   *
   * @param to where the first of them goes
   * @param spare a register that may be changed
   */
  public void store(Mem to, int from, int first, int count, int spare) {
    if (count == dwords()) {
      assembler.emit(isa.vectorBits() == 512 ? VMOVDQU32 : VMOVDQU, to, vector(from));
    } else if (first == 0 && (count == 4 || count == 8)) {
      assembler.emit(shortMove(from), to, Vec.of(from, 32 * count));
    } else if (isa.vectorBits() == 512) {
      assembler.emit(VMOVDQU32, to.plus(-4 * first).masked(mask(bits(first, count))), vector(from));
    } else {
      int[] selected = new int[dwords()];
      Arrays.fill(selected, first, first + count, -1);
      load(spare, ints(selected));
      assembler.emit(VPMASKMOVD, to.plus(-4 * first), vector(spare), vector(from));
    }
  }

  /**
   * Loads the first {@code count} 32-bit elements and nothing behind them; others become 0. Changes
   * RAX.
   */
  public void loadFirst(int to, Mem from, int count, int spare) {
    if (count == dwords()) {
      load(to, from);
    } else if (isa.vectorBits() == 512) {
      assembler.emit(VMOVDQU32, vector(to).zeroing(mask(0, count)), from);
    } else {
      load(spare, ints(firstOnes(count)));
      assembler.emit(VPMASKMOVD, vector(to), vector(spare), from);
    }
  }

  /** All bits set in the first {@code count} of a vector's 32-bit elements. */
  public int[] firstOnes(int count) {
    int[] selected = new int[dwords()];
    Arrays.fill(selected, 0, count, -1);
    return selected;
  }

  /**
   * Stores the lowest byte of each of the first {@code count} 32-bit elements, whose others are 0.
   * Changes RAX and the registers.
   */
  public void storeBytes(Mem to, int from, int count, int spare) {
    if (isa.vectorBits() == 512) {
      Mem place = count == dwords() ? to : to.masked(mask(0, count));
      assembler.emit(VPMOVDB, place, vector(from));
      return;
    }
    op(VPACKUSDW, from, from, from);
    op(VPACKUSWB, from, from, from);
    load(spare, ints(new int[] {0, 4, 0, 4, 0, 4, 0, 4}));
    op(VPERMD, from, spare, from);
    if (count == dwords()) {
      assembler.emit(VMOVQ, to, Vec.xmm(from));
      return;
    }
    assembler.emit(VMOVQ, Gpr.RAX, Vec.xmm(from));
    for (int i = 0; i < count; i++) {
      assembler.mov8(to.plus(i), Gpr.RAX);
      assembler.shr(Gpr.RAX, 8);
    }
  }

  private static Instruction shortMove(int register) {
    return register < 16 ? VMOVDQU : VMOVDQU32;
  }
}
