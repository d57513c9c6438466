package dev.tinytitan.codegen.emit;

import static dev.tinytitan.codegen.x86.Instruction.VPADDD;
import static dev.tinytitan.codegen.x86.Instruction.VPDPBUSD;
import static dev.tinytitan.codegen.x86.Instruction.VPMADDWD;
import static dev.tinytitan.codegen.x86.Instruction.VPSRLW;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.x86.Instruction;
import dev.tinytitan.codegen.x86.Mem;

/**
 * Adds to each 32-bit element the products of four unsigned bytes with four signed ones. With an
 * instruction for it where there is one. Else the bytes are widened to words, even and odd ones
 * apart, and {@code vpmaddwd} multiplies: exact, unlike {@code vpmaddubsw}, which saturates. The
 * weights then lie as words, too: for each vector the even ones, then the odd ones.
 */
public final class DotProduct implements ProductArithmetic {
  private final VectorCode code;
  private final boolean native4;

  /** Sums that {@code code} gets the instructions for. */
  public DotProduct(VectorCode code) {
    this.code = code;
    this.native4 = code.isa().hasDotProduct();
  }

  /** Bytes that the weights of one vector take: four for each 32-bit element, or four words. */
  public static int weightBytes(Isa isa) {
    return isa.vectorBits() / 8 * (isa.hasDotProduct() ? 1 : 2);
  }

  /** Registers beside the bytes' own that {@link #prepare} fills, and {@link #add} changes. */
  public static int spares(Isa isa) {
    return isa.hasDotProduct() ? 0 : 3;
  }

  @Override
  public int weightBytes() {
    return weightBytes(code.isa());
  }

  @Override
  public boolean isSingle() {
    return native4;
  }

  @Override
  public boolean isExact() {
    return true;
  }

  @Override
  public int spares() {
    return spares(code.isa());
  }

  @Override
  public Instruction sum() {
    return VPADDD;
  }

  @Override
  public void prepare(int bytes, int spares) {
    if (!native4) {
      code.load(spares, code.words(0xFF));
      code.and(spares, spares, bytes);
      code.assembler().emit(VPSRLW, code.vector(spares + 1), code.vector(bytes), 8);
    }
  }

  @Override
  public void add(int sum, int bytes, int spares, Mem weights) {
    if (native4) {
      code.op(VPDPBUSD, sum, bytes, weights);
      return;
    }
    int product = spares + 2;
    code.op(VPMADDWD, product, spares, weights);
    code.op(VPADDD, sum, sum, product);
    code.op(VPMADDWD, product, spares + 1, weights.plus(code.vectorBytes()));
    code.op(VPADDD, sum, sum, product);
  }

  @Override
  public void add(int sum, int bytes, int weights) {
    code.op(VPDPBUSD, sum, bytes, weights);
  }

  /**
   * Writes the four weights of one 32-bit element where {@link #add} expects them.
   *
   * @param at where the vector's weights start in {@code packed}
   * @param element of 32 bits, in the vector
   */
  public static void put(Isa isa, byte[] packed, int at, int element, int position, int weight) {
    if (isa.hasDotProduct()) {
      packed[at + 4 * element + position] = (byte) weight;
      return;
    }
    int half = (position & 1) * isa.vectorBits() / 8;
    int word = at + half + 4 * element + 2 * (position >> 1);
    packed[word] = (byte) weight;
    packed[word + 1] = (byte) (weight >> 8);
  }
}
