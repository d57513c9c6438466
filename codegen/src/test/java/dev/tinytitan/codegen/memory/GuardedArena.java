package dev.tinytitan.codegen.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory of which every piece has pages before and behind it that nobody may touch: a function that
 * reads or writes outside ends the JVM with a segmentation fault, and so fails the build. A page
 * has 4096 bytes and a piece any number, so a piece touches only one of its guards, as {@link Side}
 * says; tests do both. Bytes between a piece and its farther guard are checked for writes when the
 * arena is closed.
 */
@SuppressWarnings("restricted") // Tests run with native access enabled.
public final class GuardedArena implements Arena {
  /** Which end of each piece touches its guard page. */
  public enum Side {
    /** The first byte lies behind a guard page; pieces are aligned to a page. */
    START,
    /** The last byte lies before a guard page; pieces have no alignment beyond the one given. */
    END
  }

  private static final byte CANARY = 0x5A;

  private record Piece(long mapping, long mappedBytes, MemorySegment usable, long from, long to) {}

  private final Arena scope = Arena.ofShared();
  private final List<Piece> pieces = new ArrayList<>();
  private final Side side;
  private final int mostAlignment;

  /**
   * An arena without memory.
   *
   * @param mostAlignment no piece is aligned to more, whatever is asked for: with 1, pieces end at
   *     the guard to the byte; more leaves a gap behind pieces whose size is not a multiple of it
   */
  public GuardedArena(Side side, int mostAlignment) {
    this.side = side;
    this.mostAlignment = mostAlignment;
  }

  @Override
  public synchronized MemorySegment allocate(long bytes, long alignment) {
    long page = LinuxMemory.PAGE;
    long body = Math.max(1, (bytes + page - 1) / page) * page;
    LinuxMemory linux = LinuxMemory.instance();
    long mapping = linux.map(body + 2 * page);
    linux.protect(mapping, page, LinuxMemory.Access.NOTHING);
    linux.protect(mapping + page + body, page, LinuxMemory.Access.NOTHING);
    long unit = Math.min(alignment, mostAlignment);
    long from = side == Side.START ? 0 : (body - bytes) / unit * unit;
    MemorySegment usable = MemorySegment.ofAddress(mapping + page).reinterpret(body, scope, null);
    usable.fill(CANARY);
    MemorySegment piece = usable.asSlice(from, bytes);
    piece.fill((byte) 0);
    pieces.add(new Piece(mapping, body + 2 * page, usable, from, from + bytes));
    return piece;
  }

  @Override
  public MemorySegment.Scope scope() {
    return scope.scope();
  }

  /** Checks that nothing was written around the pieces, and gives them back. */
  @Override
  public synchronized void close() {
    for (Piece piece : pieces) {
      MemorySegment usable = piece.usable();
      for (long i = 0; i < usable.byteSize(); i++) {
        if (i < piece.from() || i >= piece.to()) {
          assertThat(usable.get(ValueLayout.JAVA_BYTE, i))
              .as("the byte at %d of a piece of %d", i - piece.from(), piece.to() - piece.from())
              .isEqualTo(CANARY);
        }
      }
    }
    scope.close();
    for (Piece piece : pieces) {
      LinuxMemory.instance().unmap(piece.mapping(), piece.mappedBytes());
    }
    pieces.clear();
  }
}
