package dev.tinytitan.codegen.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.RowsEngine;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.memory.GuardedArena;
import dev.tinytitan.kernel.KernelCheck;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.op.LayerNormalization;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Generated layer normalization agrees with the reference, and stays between guard pages. */
class NormalizationTest {
  private static final int[] LENGTHS = {1, 3, 8, 15, 16, 17, 63, 64, 127, 128, 200, 384, 391, 1000};

  private final Random random = new Random(11);

  private Tensor floats(int... dims) {
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (float) (3 + 2 * random.nextGaussian()));
    }
    return tensor;
  }

  @ParameterizedTest
  @EnumSource
  void agreesWithTheReference(Isa isa) {
    KernelCheck check = RowsEngine.check(isa, target -> List.of(new NormalizationRow(target)));
    for (int length : LENGTHS) {
      LayerNormalization last = new LayerNormalization(-1, 1e-5f, DType.FLOAT32);
      Tensor scale = floats(length);
      assertThat(check.check(last, 2, floats(2, 7, length), scale, floats(length))).isEqualTo(1);
      assertThat(check.check(last, 1, floats(1, length), floats(1))).isEqualTo(1);
      LayerNormalization two = new LayerNormalization(1, 1e-3f, DType.FLOAT32);
      assertThat(check.check(two, 1, floats(3, 2, length), floats(2, length))).isEqualTo(1);
      Tensor special = floats(4, length);
      special.setFloat(0, Float.NaN);
      special.setFloat(special.size() - 1, Float.NEGATIVE_INFINITY);
      assertThat(check.check(last, 1, special, scale)).isEqualTo(1);
    }
    assertThat(
            check.check(
                new LayerNormalization(-1, 1e-5f, DType.FLOAT32), 1, floats(0, 3), floats(3)))
        .isZero();
    assertThat(
            check.check(
                new LayerNormalization(-1, 1e-5f, DType.FLOAT32), 0, floats(2, 3), floats(3)))
        .isZero();
  }

  @ParameterizedTest
  @EnumSource
  void nothingOutsideIsTouched(Isa isa) {
    RowsEngine.assumeHas(isa);
    for (GuardedArena.Side side : GuardedArena.Side.values()) {
      for (int length : LENGTHS) {
        for (int rows : new int[] {1, 3}) {
          check(isa, side, rows, length);
        }
      }
    }
  }

  private void check(Isa isa, GuardedArena.Side side, int rows, int length) {
    try (PackedWeights owner = new PackedWeights(List.of());
        GuardedArena arena = new GuardedArena(side, 4)) {
      Normalization normalization =
          Normalization.of(Target.of(isa), length, 0.5f, new float[] {2}, new float[] {3}, owner);
      MemorySegment x = arena.allocate(4L * rows * length, 4);
      for (int i = 0; i < rows * length; i++) {
        x.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextInt(9));
      }
      MemorySegment y = arena.allocate(4L * rows * length, 4);
      MemorySegment block = arena.allocate(NormalizationGenerator.BYTES, 64);
      block.fill((byte) 0);
      block.set(ValueLayout.JAVA_LONG_UNALIGNED, NormalizationGenerator.ROWS, rows);
      block.set(
          ValueLayout.JAVA_LONG_UNALIGNED,
          NormalizationGenerator.FACTORS,
          normalization.factors().segment().address());
      normalization.function().callCritical(block, x, y, MemorySegment.NULL);
      for (int row = 0; row < rows; row++) {
        double mean = 0;
        for (int i = 0; i < length; i++) {
          mean += x.getAtIndex(ValueLayout.JAVA_FLOAT, row * length + i) / (double) length;
        }
        double variance = 0;
        for (int i = 0; i < length; i++) {
          double from = x.getAtIndex(ValueLayout.JAVA_FLOAT, row * length + i) - mean;
          variance += from * from / length;
        }
        for (int i = 0; i < length; i++) {
          double from = x.getAtIndex(ValueLayout.JAVA_FLOAT, row * length + i) - mean;
          assertThat((double) y.getAtIndex(ValueLayout.JAVA_FLOAT, row * length + i))
              .isCloseTo(from / Math.sqrt(variance + 0.5) * 2 + 3, within(1e-4));
        }
      }
    }
  }
}
