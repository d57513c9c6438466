package dev.tinytitan.train.gradient;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The gradients of every operator against finite differences. */
class OperatorGradientTest {

  static Stream<GradientCase> cases() {
    return GradientCases.all().stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalsFiniteDifferences(GradientCase test) {
    GradientCheck.check(test);
  }
}
