package dev.tinytitan.codegen.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.RowsEngine;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.emit.FloatArithmetic;
import dev.tinytitan.codegen.emit.SharedFunctions;
import dev.tinytitan.codegen.memory.GuardedArena;
import dev.tinytitan.codegen.memory.NativeFunction;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.op.Activation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The functions of packed matrices on memory between guard pages: a read before the first row or
 * behind the last one ends the JVM.
 */
class PackedMatrixTest {

  /** A matrix of weights that can be told from where they stand. */
  private static PackedMatrix matrix(Isa isa, MatrixShape shape, PackedWeights owner) {
    WholePanels.Values values =
        new WholePanels.Values() {
          @Override
          public void put(byte[] to, int at, int element, int step, int column) {
            PanelPacking.putFloat(to, at + 4 * element, weight(step, column));
          }

          @Override
          public int constant(int index, int column) {
            return Float.floatToRawIntBits(column);
          }
        };
    SharedFunctions functions =
        SharedFunctions.of(
            Target.of(isa),
            "test",
            code -> {
              MatrixEpilogue epilogue = new MatrixEpilogue(code, Activation.NONE, true);
              FloatFinish finish = new FloatFinish(code, epilogue);
              new MatrixCode(code, shape, new FloatArithmetic(code), finish).emit();
              new DynamicQuantization(code).emit();
            },
            owner);
    WholePanels panels =
        new WholePanels(isa, shape, values, isa.vectorBits() / 8, FloatFinish.CONSTANTS);
    return new PackedMatrix(isa, shape, panels, functions, owner);
  }

  private static float weight(int step, int column) {
    return (step * 7 + column * 3) % 11 - 5;
  }

  private static MemorySegment guarded(GuardedArena arena, Random random, int count) {
    MemorySegment segment = arena.allocate(4L * count, 4);
    for (int i = 0; i < count; i++) {
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextInt(17) - 8);
    }
    return segment;
  }

  private static float at(MemorySegment segment, int index) {
    return segment.getAtIndex(ValueLayout.JAVA_FLOAT, index);
  }

  private static void check(Isa isa, GuardedArena.Side side, int rows, int depth, int columns) {
    Random random = new Random(rows + 31L * depth + 97L * columns);
    MatrixShape shape = new MatrixShape(depth, columns, Float.BYTES);
    try (PackedWeights owner = new PackedWeights(List.of());
        GuardedArena arena = new GuardedArena(side, 4)) {
      PackedMatrix matrix = matrix(isa, shape, owner);
      MemorySegment x = guarded(arena, random, rows * depth);
      MemorySegment residual = guarded(arena, random, rows * columns);
      MemorySegment y = arena.allocate(4L * rows * columns, 4);
      MemorySegment block = arena.allocate(MatrixArguments.BYTES, 64);
      for (int panel = 0; panel < matrix.panels(); panel++) {
        block.set(ValueLayout.JAVA_LONG_UNALIGNED, MatrixArguments.WEIGHTS, matrix.weights(panel));
        block.set(ValueLayout.JAVA_LONG_UNALIGNED, MatrixArguments.INPUT_OFFSET, 0);
        block.set(
            ValueLayout.JAVA_LONG_UNALIGNED,
            MatrixArguments.OUTPUT_OFFSET,
            matrix.outputOffset(panel));
        block.set(ValueLayout.JAVA_LONG_UNALIGNED, MatrixArguments.COUNT, rows);
        matrix
            .function(matrix.isWhole(panel) ? MatrixCode.PANEL : MatrixCode.LAST_PANEL)
            .callCritical(block, x, y, residual);
      }
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          double sum = column + at(residual, row * columns + column);
          for (int k = 0; k < depth; k++) {
            sum += (double) at(x, row * depth + k) * weight(k, column);
          }
          assertThat((double) at(y, row * columns + column))
              .as("row %d, column %d of %s on %s", row, column, shape, isa)
              .isCloseTo(sum, within(1e-3));
        }
      }
      assertThat(matrix.shape()).isEqualTo(shape);
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingOutsideIsTouched(Isa isa) {
    RowsEngine.assumeHas(isa);
    for (GuardedArena.Side side : GuardedArena.Side.values()) {
      for (int rows : new int[] {1, 2, 3, 4, 5, 6, 7, 13}) {
        for (int columns : new int[] {1, 5, 8, 16, 21, 33, 64, 67, 130}) {
          check(isa, side, rows, 1 + (rows * columns) % 37, columns);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void quantizesWithinItsArrays(Isa isa) {
    RowsEngine.assumeHas(isa);
    int lanes = isa.vectorBits() / 32;
    for (GuardedArena.Side side : GuardedArena.Side.values()) {
      try (PackedWeights owner = new PackedWeights(List.of());
          GuardedArena arena = new GuardedArena(side, 4)) {
        PackedMatrix matrix = matrix(isa, new MatrixShape(4, 4, Float.BYTES), owner);
        int whole = 3 * lanes * DynamicQuantization.AT_ONCE;
        int count = whole + 3 * lanes; // three vectors that are quantized singly
        MemorySegment x = guarded(arena, new Random(3), count);
        MemorySegment bytes = arena.allocate(count, 4);
        MemorySegment block = arena.allocate(MatrixArguments.BYTES, 64);
        block.fill((byte) 0);
        NativeFunction range = matrix.function(DynamicQuantization.RANGE);
        block.set(ValueLayout.JAVA_LONG_UNALIGNED, MatrixArguments.COUNT, 3);
        range.callCritical(block, x, MemorySegment.NULL, MemorySegment.NULL);
        float least = 0;
        for (int i = 0; i < lanes; i++) {
          float found = block.get(ValueLayout.JAVA_FLOAT_UNALIGNED, MatrixArguments.LEAST + 4 * i);
          least = Math.min(least, found);
        }
        assertThat(least).isEqualTo(-8);
        block.set(ValueLayout.JAVA_FLOAT_UNALIGNED, MatrixArguments.SCALE, 0.5f);
        block.set(ValueLayout.JAVA_FLOAT_UNALIGNED, MatrixArguments.RECIPROCAL, 2);
        block.set(ValueLayout.JAVA_INT_UNALIGNED, MatrixArguments.ZERO_POINT, 10);
        block.set(ValueLayout.JAVA_LONG_UNALIGNED, MatrixArguments.OUTPUT_OFFSET, bytes.address());
        block.set(ValueLayout.JAVA_LONG_UNALIGNED, MatrixArguments.COUNT, count / lanes);
        matrix
            .function(DynamicQuantization.QUANTIZE)
            .callCritical(block, x, MemorySegment.NULL, MemorySegment.NULL);
        for (int i = 0; i < count; i++) {
          int expected = Math.max(0, Math.round(at(x, i) / 0.5f) + 10);
          assertThat(bytes.get(ValueLayout.JAVA_BYTE, i) & 0xFF).isEqualTo(expected);
        }
      }
    }
  }
}
