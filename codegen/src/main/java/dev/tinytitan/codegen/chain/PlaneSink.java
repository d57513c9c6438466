package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.KMOVW;
import static dev.tinytitan.codegen.x86.Instruction.VMOVDQU32;
import static dev.tinytitan.codegen.x86.Instruction.VPMASKMOVD;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mask;
import dev.tinytitan.codegen.x86.Mem;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stores vectors of results into each {@link PlaneTarget}. Where not all places of a vector are
 * stored, masks are read from a table: a row for each tile.
 */
final class PlaneSink {
  private final VectorCode code;
  private final List<PlaneTarget> targets;
  private final int vectors;
  private final Gpr places;
  private final Gpr masks;
  private final int masked;

  /**
   * A sink for tiles of so many vectors.
   *
   * @param places points to the binding's memory, further on by the places of earlier tiles
   * @param masks gets a pointer to the table
   */
  PlaneSink(VectorCode code, List<PlaneTarget> targets, int vectors, Gpr places, Gpr masks) {
    this.code = code;
    this.targets = targets;
    this.vectors = vectors;
    this.places = places;
    this.masks = masks;
    this.masked = (int) targets.stream().filter(target -> target.stored() != null).count();
  }

  /** A mask in memory: a word of bits, or as many integers as a vector has. */
  private int maskBytes() {
    return code.isa().vectorBits() == 512 ? 2 : code.vectorBytes();
  }

  private int rowBytes() {
    return masked * vectors * maskBytes();
  }

  /** Makes the table for some tiles, and points to the row of the first. */
  void start(int firstTile, int tiles) {
    if (masked == 0) {
      return;
    }
    ByteBuffer table = ByteBuffer.allocate(tiles * rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int vector = firstTile * vectors; vector < (firstTile + tiles) * vectors; vector++) {
      for (PlaneTarget target : targets) {
        if (target.stored() != null) {
          putMask(table, target.stored(), vector * code.dwords());
        }
      }
    }
    code.assembler().lea(masks, Mem.at(code.assembler().constants().bytes(table.array())));
  }

  private void putMask(ByteBuffer table, boolean[] stored, int first) {
    int bits = 0;
    for (int i = 0; i < code.dwords(); i++) {
      boolean set = stored[first + i];
      bits |= set ? 1 << i : 0;
      if (maskBytes() > 2) {
        table.putInt(set ? -1 : 0);
      }
    }
    if (maskBytes() == 2) {
      table.putShort((short) bits);
    }
  }

  /** Goes on to the next tile. */
  void advance() {
    code.advance(masks, rowBytes());
  }

  /** Goes back by so many tiles. */
  void rewind(int tiles) {
    code.advance(masks, -tiles * rowBytes());
  }

  /**
   * Stores planes of one vector of places.
   *
   * @param vector of the tile
   * @param firstPlane of the first register
   * @param registers one for each plane
   * @param spare a register that may be changed
   */
  void store(int vector, int firstPlane, List<Integer> registers, int spare) {
    int index = vector * masked;
    for (PlaneTarget target : targets) {
      @Nullable Mask mask = null;
      if (target.stored() != null) {
        Mem row = Mem.at(masks, index++ * maskBytes());
        if (code.isa().vectorBits() == 512) {
          mask = Mask.K7;
          code.assembler().emit(KMOVW, mask, row);
        } else {
          code.load(spare, row);
        }
      }
      for (int i = 0; i < registers.size(); i++) {
        int offset = target.start() + (firstPlane + i) * target.planeBytes();
        Mem place = Mem.at(places, offset + vector * code.vectorBytes());
        int register = registers.get(i);
        if (target.stored() == null) {
          code.store(place, register, 0, code.dwords(), spare);
        } else if (mask != null) {
          code.assembler().emit(VMOVDQU32, place.masked(mask), code.vector(register));
        } else {
          code.assembler().emit(VPMASKMOVD, place, code.vector(spare), code.vector(register));
        }
      }
    }
  }

  /** The registers {@code first}, {@code first + step} and so on. */
  static List<Integer> registers(int first, int step, int count) {
    List<Integer> registers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      registers.add(first + i * step);
    }
    return registers;
  }
}
