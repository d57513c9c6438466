package dev.tinytitan.codegen.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tinytitan.codegen.Host;
import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.Target;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random products with zeros in all patterns, each in its sparse form whether that pays or not, on
 * each instruction set that the processor has: integers bit for bit against the reference.
 */
class SparseFuzzTest {
  private static final int ROUNDS = System.getenv("CI") == null ? 150 : 600;

  private static final List<SparseChoice.Policy> POLICIES =
      List.of(
          SparseChoice.Policy.SPARSE_LOOPS,
          SparseChoice.Policy.SPARSE,
          SparseChoice.Policy.SPARSE_BORDERED,
          SparseChoice.Policy.SPARSE_SHIFTED,
          SparseChoice.Policy.SPARSE_VECTORS);

  private static void fuzz(Isa isa, Function<Integer, RandomChains.Case> make, boolean floats) {
    assumeTrue(
        Host.problem().isEmpty() && Host.target().features().containsAll(isa.needs()),
        () -> "the processor has no " + isa);
    Target target = Target.of(isa);
    int compiled = 0;
    for (int round = 0; round < ROUNDS; round++) {
      RandomChains.Case example = make.apply(round);
      if (ChainCheck.refusal(example.graph()).isPresent()) {
        continue;
      }
      compiled++;
      SparseChoice.Policy policy = POLICIES.get(round % POLICIES.size());
      if (floats) {
        ChainCheck.checkClose(example.graph(), target, example.inputs(), round, policy);
      } else {
        ChainCheck.check(example.graph(), target, example.inputs(), round, policy);
      }
    }
    assertThat(compiled).isGreaterThan(ROUNDS / 2);
  }

  private static RandomChains integers(long seed) {
    return new RandomChains(seed, Zeros.SOME);
  }

  private static RandomFloatChains floats(long seed) {
    return new RandomFloatChains(seed, Zeros.SOME);
  }

  @ParameterizedTest
  @EnumSource
  void integerConvolutions(Isa isa) {
    fuzz(isa, round -> integers(21_000_000 + round).convolution(), false);
  }

  @ParameterizedTest
  @EnumSource
  void integerProducts(Isa isa) {
    fuzz(isa, round -> integers(22_000_000 + round).matrixProduct(), false);
  }

  @ParameterizedTest
  @EnumSource
  void integerNetworks(Isa isa) {
    fuzz(isa, round -> integers(23_000_000 + round).network(), false);
  }

  @ParameterizedTest
  @EnumSource
  void integersFromPlanesToPlanes(Isa isa) {
    fuzz(isa, round -> integers(26_000_000 + round).stack(), false);
  }

  @ParameterizedTest
  @EnumSource
  void floatConvolutions(Isa isa) {
    fuzz(isa, round -> floats(24_000_000 + round).convolution(), true);
  }

  @ParameterizedTest
  @EnumSource
  void floatProducts(Isa isa) {
    fuzz(isa, round -> floats(25_000_000 + round).matrixProduct(), true);
  }
}
