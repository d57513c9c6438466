package dev.tinytitan.codegen.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.RowsEngine;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.emit.FloatArithmetic;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.memory.ExecutableMemory;
import dev.tinytitan.codegen.memory.GuardedArena;
import dev.tinytitan.codegen.x86.X86Assembler;
import dev.tinytitan.op.Activation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The functions for narrow weights on memory between guard pages: a read or write before the first
 * byte or behind the last one ends the JVM. All weights are 1, all scales 2, all biases 3.
 */
class NarrowCodeTest {
  private static final float SCALE = 2;
  private static final float BIAS = 3;

  /** One panel as {@link NarrowFormat} has it. */
  private static byte[] panel(NarrowFormat format) {
    int vectors = MatrixShape.vectors(format.isa(), format.shape().columns());
    int width = vectors * format.isa().vectorBits() / 32;
    byte[] panel = new byte[format.bytes(vectors)];
    for (int i = 0; i < width; i++) {
      PanelPacking.putFloat(panel, 4 * i, BIAS);
    }
    int at = 4 * width;
    for (int group = 0; group < format.groups(); group++) {
      for (int i = 0; i < width; i++) {
        PanelPacking.putFloat(panel, at + 4 * i, SCALE);
      }
      at += vectors * format.factorBytes();
      int steps = group < format.wholeGroups() ? format.groupSteps() : format.lastSteps();
      int to = at + vectors * format.weightBytes(steps);
      for (; at < to; at++) {
        panel[at] = (byte) (format.halves() ? 0x11 : 1);
      }
    }
    assertThat(at).isEqualTo(panel.length);
    return panel;
  }

  private static ExecutableMemory code(NarrowFormat format) {
    X86Assembler assembler = new X86Assembler(Target.of(format.isa()));
    VectorCode code = new VectorCode(assembler);
    FloatFinish finish = new FloatFinish(code, new MatrixEpilogue(code, Activation.NONE, true));
    new MatrixCode(code, format.shape(), new FloatArithmetic(code), finish).emit();
    new NarrowCode(code, format, finish).emit();
    return ExecutableMemory.of(assembler.finish());
  }

  private static MemorySegment small(GuardedArena arena, Random random, int count) {
    MemorySegment segment = arena.allocate(4L * count, 4);
    for (int i = 0; i < count; i++) {
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextInt(9) - 4);
    }
    return segment;
  }

  private static void check(NarrowFormat format, GuardedArena.Side side, int rows) {
    MatrixShape shape = format.shape();
    int columns = shape.columns();
    boolean whole = columns == MatrixShape.panelColumns(format.isa());
    int width = MatrixShape.vectors(format.isa(), columns) * format.isa().vectorBits() / 32;
    Random random = new Random(rows + 31L * columns);
    try (ExecutableMemory code = code(format);
        GuardedArena arena = new GuardedArena(side, 4)) {
      byte[] panel = panel(format);
      MemorySegment weights = arena.allocate(panel.length, 4);
      weights.copyFrom(MemorySegment.ofArray(panel));
      MemorySegment x = small(arena, random, rows * shape.depth());
      MemorySegment residual = small(arena, random, rows * columns);
      MemorySegment direct = arena.allocate(4L * rows * columns, 4);
      MemorySegment widened = arena.allocate(4L * rows * columns, 4);
      MemorySegment floats = arena.allocate(4L * width * (shape.depth() + 1), 4);
      MemorySegment block = arena.allocate(MatrixArguments.BYTES, 64);
      block.fill((byte) 0);
      block.set(ValueLayout.JAVA_LONG_UNALIGNED, MatrixArguments.WEIGHTS, weights.address());
      block.set(ValueLayout.JAVA_LONG_UNALIGNED, MatrixArguments.COUNT, rows);
      boolean few = rows <= NarrowCode.directRows(format);
      boolean many = rows >= NarrowCode.directRows(format);
      if (few) {
        code.function(whole ? NarrowCode.DIRECT : NarrowCode.DIRECT_LAST)
            .callCritical(block, x, direct, residual);
      }
      block.set(ValueLayout.JAVA_LONG_UNALIGNED, MatrixArguments.FLOATS, floats.address());
      if (many) {
        code.function(whole ? NarrowCode.WIDEN : NarrowCode.WIDEN_LAST)
            .callCritical(block, x, widened, residual);
        block.set(ValueLayout.JAVA_LONG_UNALIGNED, MatrixArguments.WEIGHTS, floats.address());
        code.function(whole ? MatrixCode.PANEL : MatrixCode.LAST_PANEL)
            .callCritical(block, x, widened, residual);
      }
      for (int i = 0; i < rows * columns; i++) {
        float sum = BIAS + residual.getAtIndex(ValueLayout.JAVA_FLOAT, i);
        for (int k = 0; k < shape.depth(); k++) {
          int from = i / columns * shape.depth() + k;
          sum += SCALE * x.getAtIndex(ValueLayout.JAVA_FLOAT, from);
        }
        if (many) {
          assertThat(widened.getAtIndex(ValueLayout.JAVA_FLOAT, i)).isCloseTo(sum, within(1e-3f));
        }
        if (few) {
          assertThat(direct.getAtIndex(ValueLayout.JAVA_FLOAT, i)).isCloseTo(sum, within(1e-3f));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingOutsideIsTouched(Isa isa) {
    RowsEngine.assumeHas(isa);
    int panel = MatrixShape.panelColumns(isa);
    for (GuardedArena.Side side : GuardedArena.Side.values()) {
      for (int rows : new int[] {1, 4, 5, 6, 8, 11}) {
        for (int columns : new int[] {1, 7, panel / 2 + 1, panel - 1, panel}) {
          int depth = 1 + (rows * columns) % 71;
          int group = Math.min(depth, 1 + columns % 33);
          for (boolean halves : new boolean[] {false, true}) {
            MatrixShape shape = new MatrixShape(depth, columns, Float.BYTES);
            check(new NarrowFormat(isa, shape, halves, false, group), side, rows);
            check(new NarrowFormat(isa, shape, halves, true, depth), side, rows);
          }
        }
      }
    }
  }
}
