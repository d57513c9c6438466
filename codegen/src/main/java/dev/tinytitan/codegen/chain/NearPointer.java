package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;

/**
 * A register that follows accesses to memory, so that their displacements fit into one byte: an
 * EVEX instruction counts it in elements of what it reads (SDM Vol. 2, 2.7.5). Long code of many
 * such instructions is a third shorter by it.
 */
final class NearPointer {
  /** Elements behind and ahead that one byte reaches. */
  private static final int REACH = 128;

  private final VectorCode code;
  private final Gpr pointer;
  private final int elementBytes;
  private final Gpr start;
  private int at;
  private boolean moved;

  /**
   * A pointer that has no place yet.
   *
   * @param pointer that is changed
   * @param start from where offsets count; stays as it is
   * @param elementBytes that an access reads
   */
  NearPointer(VectorCode code, Gpr pointer, Gpr start, int elementBytes) {
    this.code = code;
    this.pointer = pointer;
    this.start = start;
    this.elementBytes = elementBytes;
  }

  /** The address of an offset; the pointer is moved there before if it is far away. */
  Mem at(int offset) {
    int distance = offset - at;
    boolean near =
        distance % elementBytes == 0
            && distance >= -REACH * elementBytes
            && distance < REACH * elementBytes;
    if (!moved) {
      at = offset + REACH * elementBytes;
      code.assembler().lea(pointer, Mem.at(start, at));
      moved = true;
    } else if (!near) {
      int next = offset + REACH * elementBytes;
      code.advance(pointer, next - at);
      at = next;
    }
    return Mem.at(pointer, offset - at);
  }
}
