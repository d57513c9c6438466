package dev.tinytitan.codegen.attention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.RowsEngine;
import dev.tinytitan.kernel.KernelCheck;
import dev.tinytitan.op.FusedAttention;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Attention agrees with the reference on each instruction set. */
class AttentionRowTest {
  private static final int ROUNDS = 60;

  private final Random random = new Random(11);

  private int pick(int... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private Tensor floats(int... dims) {
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (float) random.nextGaussian());
    }
    return tensor;
  }

  /** Some keys are masked out, as padding is. */
  private Tensor mask(int... dims) {
    Tensor mask = floats(dims);
    for (int i = 1; i < mask.size(); i++) {
      switch (random.nextInt(4)) {
        case 0 -> mask.setFloat(i, -Float.MAX_VALUE);
        case 1 -> mask.setFloat(i, Float.NEGATIVE_INFINITY);
        default -> {}
      }
    }
    for (int i = 0; i < mask.size(); i += dims[dims.length - 1]) {
      mask.setFloat(i, 0);
    }
    return mask;
  }

  private static KernelCheck check(Isa isa) {
    return RowsEngine.check(isa, target -> List.of(new AttentionRow(target)));
  }

  @ParameterizedTest
  @EnumSource
  void packed(Isa isa) {
    KernelCheck check = check(isa);
    for (int round = 0; round < ROUNDS; round++) {
      int heads = pick(1, 2, 3);
      int size = pick(4, 8, 12, 32, 64);
      int batch = pick(1, 2);
      int sequence = pick(1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 33, 64, 65, 100);
      FusedAttention attention = new FusedAttention(heads, 0.3f, true);
      Tensor x = floats(batch, sequence, 3 * heads * size);
      int taken =
          switch (random.nextInt(4)) {
            case 0 -> check.check(attention, 0, x);
            case 1 -> check.check(attention, 0, x, mask(batch, 1, 1, sequence));
            case 2 -> check.check(attention, 0, x, mask(1, heads, 1, sequence));
            default -> check.check(attention, 0, x, mask(sequence));
          };
      assertThat(taken).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void separate(Isa isa) {
    KernelCheck check = check(isa);
    for (int round = 0; round < ROUNDS; round++) {
      int heads = pick(1, 2, 3);
      int size = pick(4, 20, 32);
      int batch = pick(1, 2);
      int keys = pick(1, 2, 5, 6, 7, 11, 13, 16, 33, 70);
      Tensor q = floats(batch, pick(1, 4, 9, 16, 40, 70), heads * size);
      Tensor k = floats(batch, keys, heads * size);
      Tensor v = floats(batch, keys, heads * pick(size, 4, 28));
      FusedAttention attention = new FusedAttention(heads, 0.5f, false);
      assertThat(check.check(attention, 0, q, k, v)).isEqualTo(1);
      assertThat(check.check(attention, 0, q, k, v, mask(batch, 1, 1, keys))).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void sharedByThreads(Isa isa) {
    assertThat(check(isa).check(new FusedAttention(12, 0.2f, true), 0, floats(1, 128, 1152)))
        .isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void notANumberStaysInItsRowAndHead(Isa isa) {
    Tensor x = floats(1, 20, 24);
    x.setFloat(3 * 24 + 1, Float.NaN);
    assertThat(check(isa).check(new FusedAttention(2, 1, true), 0, x)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNotTakenIsRefused(Isa isa) {
    KernelCheck check = check(isa);
    FusedAttention attention = new FusedAttention(2, 1, true);
    assertThat(check.check(attention, 0, floats(1, 5, 18))).isZero();
    assertThat(check.check(attention, 0, floats(1, 5, 24), floats(5, 5))).isZero();
  }
}
