package dev.tinytitan.codegen.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.RowsEngine;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.memory.GuardedArena;
import dev.tinytitan.kernel.PackedWeights;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The functions of attention on memory between guard pages: a read before the first row or behind
 * the last one ends the JVM.
 */
class AttentionCodeTest {
  private static final int SIZE = 8;
  private static final int VALUE_SIZE = 12;

  private static MemorySegment filled(GuardedArena arena, int count) {
    MemorySegment segment = arena.allocate(4L * count, 4);
    for (int i = 0; i < count; i++) {
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, i * 7 % 11 - 5);
    }
    return segment;
  }

  private static float at(MemorySegment segment, int index) {
    return segment.getAtIndex(ValueLayout.JAVA_FLOAT, index);
  }

  private static void check(
      Isa isa, GuardedArena.Side side, int queries, int keys, boolean masked) {
    AttentionShape shape =
        new AttentionShape(SIZE, VALUE_SIZE, SIZE, SIZE, VALUE_SIZE, VALUE_SIZE, 0.25f, masked);
    try (PackedWeights owner = new PackedWeights(List.of());
        GuardedArena arena = new GuardedArena(side, 4)) {
      AttentionCode code = new AttentionCode(Target.of(isa), shape, owner);
      int vectors = Math.ceilDiv(queries, code.lanes());
      MemorySegment q = filled(arena, queries * SIZE);
      MemorySegment k = filled(arena, keys * SIZE);
      MemorySegment v = filled(arena, keys * VALUE_SIZE);
      MemorySegment mask = filled(arena, keys);
      MemorySegment y = arena.allocate(4L * queries * VALUE_SIZE, 4);
      MemorySegment memory = arena.allocate(code.memoryBytes(vectors, keys), 64);
      MemorySegment block = arena.allocate(AttentionArguments.BYTES, 64);
      set(block, AttentionArguments.MASK_STEP, Float.BYTES);
      set(block, AttentionArguments.QUERIES, queries);
      set(block, AttentionArguments.KEYS, keys);
      set(block, AttentionArguments.MEMORY, memory.address());
      code.scores(vectors).callCritical(block, q, k, masked ? mask : MemorySegment.NULL);
      code.values(vectors).callCritical(block, v, y, MemorySegment.NULL);
      for (int query = 0; query < queries; query++) {
        double[] weights = new double[keys];
        double sum = 0;
        for (int key = 0; key < keys; key++) {
          double score = masked ? at(mask, key) : 0;
          for (int i = 0; i < SIZE; i++) {
            score += 0.25 * at(q, query * SIZE + i) * at(k, key * SIZE + i);
          }
          weights[key] = Math.exp(score);
          sum += weights[key];
        }
        for (int i = 0; i < VALUE_SIZE; i++) {
          double expected = 0;
          for (int key = 0; key < keys; key++) {
            expected += weights[key] / sum * at(v, key * VALUE_SIZE + i);
          }
          assertThat((double) at(y, query * VALUE_SIZE + i)).isCloseTo(expected, within(1e-4));
        }
      }
    }
  }

  private static void set(MemorySegment block, int argument, long value) {
    block.set(ValueLayout.JAVA_LONG_UNALIGNED, argument, value);
  }

  @ParameterizedTest
  @EnumSource
  void nothingOutsideIsTouched(Isa isa) {
    RowsEngine.assumeHas(isa);
    int most = AttentionGenerator.mostVectors(isa) * isa.vectorBits() / 32;
    for (GuardedArena.Side side : GuardedArena.Side.values()) {
      for (int keys : new int[] {1, 2, 5, 6, 7, 16, 17, 23, 40}) {
        for (int queries : new int[] {1, 3, 4, 5, 8, 9, 16}) {
          check(isa, side, queries, keys, keys % 2 == 0);
        }
        check(isa, side, most, keys, true);
        check(isa, side, most - 1, keys, false);
      }
    }
  }
}
