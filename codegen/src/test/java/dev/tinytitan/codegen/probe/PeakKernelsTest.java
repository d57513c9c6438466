package dev.tinytitan.codegen.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.codegen.Host;
import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.memory.ExecutableMemory;
import dev.tinytitan.codegen.memory.GuardedArena;
import dev.tinytitan.codegen.memory.NativeArena;
import dev.tinytitan.kernel.PeakProbe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PeakKernelsTest {

  /** What the probe times is a matrix product: it computes one, within its memory. */
  @ParameterizedTest
  @EnumSource
  void theTileIsAMatrixProduct(Isa isa) {
    Assumptions.assumeTrue(
        Host.target().features().containsAll(isa.needs()), "This processor has no " + isa);
    PeakKernels kernels = new PeakKernels(Target.of(isa), false);
    Random random = new Random(5);
    int depth = PeakKernels.STEPS * PeakKernels.GROUP;
    byte[] activations = new byte[kernels.rows() * depth];
    byte[] weights = new byte[kernels.weightBytes() * PeakKernels.STEPS];
    random.nextBytes(activations);
    random.nextBytes(weights);
    for (GuardedArena.Side side : GuardedArena.Side.values()) {
      try (ExecutableMemory code = ExecutableMemory.of(kernels.code());
          NativeArena arena = new NativeArena(new GuardedArena(side, 1))) {
        MemorySegment sums = arena.allocate(4L * kernels.rows() * kernels.columns());
        code.function(PeakKernels.TILE)
            .call(
                2,
                arena.copyOf(activations).address(),
                arena.copyOf(weights).address(),
                sums.address());
        assertThat(sums.toArray(ValueLayout.JAVA_INT))
            .isEqualTo(expected(kernels, isa, activations, weights));
      }
    }
  }

  private static int[] expected(PeakKernels kernels, Isa isa, byte[] activations, byte[] weights) {
    int depth = PeakKernels.STEPS * PeakKernels.GROUP;
    int group = isa.hasDotProduct() ? 4 : 2;
    int[] sums = new int[kernels.rows() * kernels.columns()];
    for (int row = 0; row < kernels.rows(); row++) {
      for (int column = 0; column < kernels.columns(); column++) {
        int sum = 0;
        for (int k = 0; k < depth; k++) {
          int place = (k / group * kernels.columns() + column) * group + k % group;
          sum += (activations[row * depth + k] & 0xFF) * weights[place];
        }
        sums[row * kernels.columns() + column] = 2 * sum;
      }
    }
    return sums;
  }

  @Test
  void theProbeMeasures() {
    PeakProbe.Peaks peaks = new GeneratedPeakProbe().measure();
    assertThat(peaks.floatGmacs()).isPositive();
    assertThat(peaks.byteGmacs()).isPositive();
    assertThat(peaks.tileGmacs()).isPositive();
    assertThat(peaks.criticalNanos()).isPositive();
    assertThat(peaks.plainNanos()).isPositive();
  }
}
