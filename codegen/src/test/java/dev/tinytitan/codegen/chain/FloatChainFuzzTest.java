package dev.tinytitan.codegen.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tinytitan.codegen.Host;
import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.Target;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random float layers and networks on each instruction set that the processor has, within the
 * operators' tolerances.
 */
class FloatChainFuzzTest {
  private static final int ROUNDS = System.getenv("CI") == null ? 250 : 1_250;

  private static void fuzz(
      Isa isa, Function<RandomFloatChains, RandomChains.Case> make, long first) {
    assumeTrue(
        Host.problem().isEmpty() && Host.target().features().containsAll(isa.needs()),
        () -> "the processor has no " + isa);
    int compiled = 0;
    for (int round = 0; round < ROUNDS; round++) {
      RandomChains.Case example = make.apply(new RandomFloatChains(first + round));
      if (ChainCheck.refusal(example.graph()).isEmpty()) {
        ChainCheck.checkClose(
            example.graph(), Target.of(isa), example.inputs(), round, SparseChoice.Policy.FASTER);
        compiled++;
      }
    }
    assertThat(compiled).isGreaterThan(ROUNDS / 2);
  }

  @ParameterizedTest
  @EnumSource
  void convolutions(Isa isa) {
    fuzz(isa, RandomFloatChains::convolution, 11_000_000);
  }

  @ParameterizedTest
  @EnumSource
  void convolutionsOfPartsOfVectors(Isa isa) {
    fuzz(isa, RandomFloatChains::partOfVector, 15_000_000);
  }

  @ParameterizedTest
  @EnumSource
  void windows(Isa isa) {
    fuzz(isa, RandomFloatChains::windows, 12_000_000);
  }

  @ParameterizedTest
  @EnumSource
  void matrixProducts(Isa isa) {
    fuzz(isa, RandomFloatChains::matrixProduct, 13_000_000);
  }

  @ParameterizedTest
  @EnumSource
  void networks(Isa isa) {
    fuzz(isa, RandomFloatChains::network, 14_000_000);
  }
}
