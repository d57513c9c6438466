package dev.tinytitan.codegen.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tinytitan.codegen.Host;
import dev.tinytitan.kernel.PackedWeights;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightMemoryTest {
  private static final long HUGE_PAGE = 2L << 20;

  @BeforeEach
  void codeRunsHere() {
    assumeThat(Host.problem()).isEmpty();
  }

  /** More than one slab together, and one that is larger than a slab. */
  @ParameterizedTest
  @ValueSource(longs = {1, 100, 300_001, 3_000_000, 9_000_064, 40_000_000})
  void piecesAreZeroedAndApart(long bytes) {
    try (PackedWeights owner = new PackedWeights(List.of())) {
      List<MemorySegment> pieces = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        MemorySegment piece = WeightMemory.allocate(owner, bytes).segment();
        assertThat(piece.byteSize()).isEqualTo(bytes);
        assertThat(piece.address() % NativeArena.ALIGNMENT).isZero();
        assertThat(piece.get(ValueLayout.JAVA_BYTE, 0)).isZero();
        assertThat(piece.get(ValueLayout.JAVA_BYTE, bytes - 1)).isZero();
        piece.fill((byte) (i + 1));
        pieces.add(piece);
      }
      for (int i = 0; i < 3; i++) {
        assertThat(pieces.get(i).get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) (i + 1));
        assertThat(pieces.get(i).get(ValueLayout.JAVA_BYTE, bytes - 1)).isEqualTo((byte) (i + 1));
      }
    }
  }

  @Test
  void largeWeightsOfASessionAreNeighboursInHugePages() {
    try (PackedWeights owner = new PackedWeights(List.of());
        PackedWeights other = new PackedWeights(List.of())) {
      MemorySegment first = WeightMemory.allocate(owner, 1_000_001).segment();
      MemorySegment foreign = WeightMemory.allocate(other, 1_000_001).segment();
      MemorySegment second = WeightMemory.allocate(owner, 1_000_001).segment();
      assertThat(first.address() % HUGE_PAGE).isZero();
      assertThat(foreign.address() % HUGE_PAGE).isZero();
      assertThat(second.address() - first.address()).isBetween(1_000_001L, 1_000_064L);
    }
  }

  @Test
  void endsWithItsSession() throws IOException {
    long address;
    try (PackedWeights owner = new PackedWeights(List.of())) {
      // Larger than what else asks for memory at the same time.
      address = WeightMemory.allocate(owner, 300_000_000).segment().address();
      assertThat(isMapped(address)).isTrue();
    }
    assertThat(isMapped(address)).isFalse();
  }

  private static boolean isMapped(long address) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
      int dash = line.indexOf('-');
      long from = Long.parseUnsignedLong(line, 0, dash, 16);
      long to = Long.parseUnsignedLong(line, dash + 1, line.indexOf(' '), 16);
      if (address >= from && address < to) {
        return true;
      }
    }
    return false;
  }
}
