package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.kernel.PeakProbe;
import java.util.Optional;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class PeakTest {

  @Test
  void peaksAreMeasuredOrTheReasonIsGiven() {
    Optional<String> problem =
        ServiceLoader.load(PeakProbe.class).findFirst().flatMap(PeakProbe::problem);
    Titan.Result result = Titan.run("kernels", "--peak");
    if (problem.isPresent()) {
      assertThat(result.code()).isEqualTo(1);
      assertThat(result.err()).contains(problem.get());
    } else {
      assertThat(result.code()).as(result.err()).isZero();
      assertThat(result.out()).contains("float32 multiply-adds", "int8 multiply-adds", "GMAC/s");
    }
  }
}
