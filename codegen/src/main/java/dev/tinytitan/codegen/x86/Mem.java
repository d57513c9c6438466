package dev.tinytitan.codegen.x86;

import dev.tinytitan.codegen.code.Label;
import org.jspecify.annotations.Nullable;

/**
 * A place in memory: {@code base + index · scale + displacement}, or a label. Instructions know how
 * many bytes they move. {@code Mem.at(RSI).plus(RCX, 4).plus(64)} is {@code [rsi+rcx*4+64]}.
 *
 * @param base null if there is a label
 * @param index null for none; a {@link Gpr} other than RSP, or for gathers a {@link Vec}
 * @param scale 1, 2, 4 or 8
 * @param displacement bytes; with a label, bytes from there
 * @param label null if there is a base
 * @param broadcast whether one element is read and given to all places of the vector (AVX-512)
 * @param mask for a masked store, which elements are written; null for all
 */
public record Mem(
    @Nullable Gpr base,
    @Nullable Operand index,
    int scale,
    int displacement,
    @Nullable Label label,
    boolean broadcast,
    @Nullable Mask mask)
    implements Operand {

  public Mem {
    if ((base == null) == (label == null) || (label != null && index != null)) {
      throw new IllegalArgumentException("An address has a base register or else a label.");
    }
    if (index == Gpr.RSP || index instanceof Mem || index instanceof Mask) {
      throw new IllegalArgumentException(index + " cannot be an index.");
    }
    if (scale != 1 && scale != 2 && scale != 4 && scale != 8) {
      throw new IllegalArgumentException("An index can be scaled by 1, 2, 4 or 8, not " + scale);
    }
    if (mask == Mask.K0) {
      throw new IllegalArgumentException("A write mask is one of k1 to k7.");
    }
  }

  /** Where {@code base} points. */
  public static Mem at(Gpr base) {
    return at(base, 0);
  }

  /** {@code displacement} bytes from where {@code base} points. */
  public static Mem at(Gpr base, int displacement) {
    return new Mem(base, null, 1, displacement, null, false, null);
  }

  /** A place in the code itself, such as a constant. */
  public static Mem at(Label label) {
    return new Mem(null, null, 1, 0, label, false, null);
  }

  /** So many bytes further on. */
  public Mem plus(int bytes) {
    return new Mem(base, index, scale, Math.addExact(displacement, bytes), label, broadcast, mask);
  }

  /** Further on by {@code register · factor} bytes. */
  public Mem plus(Gpr register, int factor) {
    return indexed(register, factor);
  }

  /** As many places as the vector has elements: for gathers. */
  public Mem plus(Vec indices, int factor) {
    return indexed(indices, factor);
  }

  private Mem indexed(Operand register, int factor) {
    if (index != null) {
      throw new IllegalArgumentException("There is an index already: " + this);
    }
    return new Mem(base, register, factor, displacement, label, broadcast, mask);
  }

  /** One element, for all places of the vector. */
  public Mem broadcasting() {
    return new Mem(base, index, scale, displacement, label, true, mask);
  }

  /** As the destination of a masked store. */
  public Mem masked(Mask writeMask) {
    return new Mem(base, index, scale, displacement, label, broadcast, writeMask);
  }

  /** The address in Intel's syntax: {@code [rax+rcx*4-0x10]}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("[");
    text.append(base != null ? base : "rip+" + label);
    if (index != null) {
      text.append('+');
      text.append(index instanceof Vec vector ? vector.registerName() : index);
      text.append('*').append(scale);
    }
    if (displacement != 0) {
      text.append(displacement < 0 ? "-0x" : "+0x");
      text.append(Long.toHexString(Math.abs((long) displacement)));
    }
    return text.append(']').toString();
  }
}
