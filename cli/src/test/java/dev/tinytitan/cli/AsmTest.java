package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.kernel.StepReport;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AsmTest {
  @TempDir private Path folder;

  @Test
  void generatedCodeIsPrintedOrTheReasonGiven() {
    Path model = TinyModels.saveClassifier(folder);
    StepReport step;
    try (Session session = Model.load(model).open()) {
      step = session.explain(Map.of()).get(0);
    }
    Titan.Result result = Titan.run("kernels", model, step.step(), "--asm");
    if (step.engine().equals("codegen")) {
      assertThat(result.code()).as(result.err()).isZero();
      // One function for each thread that shares the chain.
      assertThat(result.out()).contains("chain0:", "push rbx", "ret");
    } else {
      assertThat(result.code()).isEqualTo(1);
      assertThat(result.err()).contains("No generated code computes " + step.step());
    }
  }

  @Test
  void aNodeIsNeeded() {
    Path model = TinyModels.saveClassifier(folder);
    assertThat(Titan.run("kernels", model, "--asm").err()).contains("needs the name of a step");
    assertThat(Titan.run("kernels", model, "nothing", "--asm").err())
        .contains("No generated code computes nothing");
  }

  @Test
  void layersOfGeneratedCodeAreTimedOrTheReasonGiven() {
    Path model = TinyModels.saveClassifier(folder);
    StepReport step;
    try (Session session = Model.load(model).open()) {
      step = session.explain(Map.of()).get(0);
    }
    Titan.Result result = Titan.run("kernels", model, "--times", "--json");
    if (step.engine().equals("codegen")) {
      assertThat(result.code()).as(result.err()).isZero();
      assertThat(result.out()).contains("\"layer\"", "\"nanos\"", "\"products\"");
    } else {
      assertThat(result.code()).isEqualTo(1);
      assertThat(result.err()).contains("No run of layers");
    }
  }
}
