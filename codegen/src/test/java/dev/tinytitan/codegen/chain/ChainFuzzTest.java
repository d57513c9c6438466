package dev.tinytitan.codegen.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tinytitan.codegen.Host;
import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.Target;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random layers and networks on each instruction set that the processor has, bit for bit against
 * the reference.
 */
class ChainFuzzTest {
  /** For each kind of case and instruction set: 25,000 cases in CI with four of them. */
  private static final int ROUNDS = System.getenv("CI") == null ? 250 : 1_250;

  private static void fuzz(Isa isa, Function<RandomChains, RandomChains.Case> make, long first) {
    assumeTrue(
        Host.problem().isEmpty() && Host.target().features().containsAll(isa.needs()),
        () -> "the processor has no " + isa);
    Target target = Target.of(isa);
    int compiled = 0;
    for (int round = 0; round < ROUNDS; round++) {
      RandomChains.Case example = make.apply(new RandomChains(first + round));
      Optional<String> refusal = ChainCheck.refusal(example.graph());
      if (refusal.isEmpty()) {
        ChainCheck.check(example.graph(), target, example.inputs(), round);
        compiled++;
      }
    }
    assertThat(compiled).isGreaterThan(ROUNDS / 2);
  }

  @ParameterizedTest
  @EnumSource
  void convolutions(Isa isa) {
    fuzz(isa, RandomChains::convolution, 1_000_000);
  }

  @ParameterizedTest
  @EnumSource
  void convolutionsOfPartsOfVectors(Isa isa) {
    fuzz(isa, RandomChains::partOfVector, 6_000_000);
  }

  @ParameterizedTest
  @EnumSource
  void depthwiseConvolutions(Isa isa) {
    fuzz(isa, RandomChains::depthwise, 2_000_000);
  }

  @ParameterizedTest
  @EnumSource
  void matrixProducts(Isa isa) {
    fuzz(isa, RandomChains::matrixProduct, 3_000_000);
  }

  @ParameterizedTest
  @EnumSource
  void poolings(Isa isa) {
    fuzz(isa, RandomChains::pooling, 5_000_000);
  }

  @ParameterizedTest
  @EnumSource
  void networks(Isa isa) {
    fuzz(isa, RandomChains::network, 4_000_000);
  }
}
