package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.SessionOptions;
import dev.tinytitan.SharedData;
import dev.tinytitan.cli.conformance.ConformanceSuite;
import dev.tinytitan.cli.conformance.ConformanceSuite.Failed;
import dev.tinytitan.cli.conformance.ConformanceSuite.Outcome;
import dev.tinytitan.cli.conformance.ConformanceSuite.Passed;
import dev.tinytitan.cli.conformance.ConformanceSuite.Skipped;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ONNX backend suite on every engine, against what the reference makes of it. */
class ConformanceTest {
  private static final SessionOptions OPTIONS = SessionOptions.defaults().withThreads(1);

  private static List<Path> cases = List.of();
  private static Map<String, Outcome> reference = Map.of();

  @BeforeAll
  static void runTheReference() {
    cases = ConformanceSuite.cases(SharedData.require("conformance"));
    reference = run(OPTIONS.withEngine("reference").withOptimize(false));
  }

  private static Map<String, Outcome> run(SessionOptions options) {
    ConformanceSuite suite = new ConformanceSuite(options);
    Map<String, Outcome> outcomes = new LinkedHashMap<>();
    for (Path folder : cases) {
      Outcome outcome = suite.run(folder);
      outcomes.put(outcome.name(), outcome);
    }
    return outcomes;
  }

  private static void assertMostPass(Map<String, Outcome> outcomes) {
    long passed = outcomes.values().stream().filter(Passed.class::isInstance).count();
    List<Outcome> failed = outcomes.values().stream().filter(Failed.class::isInstance).toList();
    assertThat(passed).isPositive();
    assertThat(passed / (double) (passed + failed.size()))
        .as("passed share; failed: %s", failed)
        .isGreaterThanOrEqualTo(0.98);
  }

  @Test
  void theReferencePassesAsTheFilesAre() {
    assertMostPass(reference);
  }

  @Test
  void theReferencePassesOptimized() {
    Map<String, Outcome> optimized = run(OPTIONS.withEngine("reference"));
    assertMostPass(optimized);
    assertNoneWorse(optimized);
  }

  @ParameterizedTest
  @ValueSource(strings = {"portable", "simd"})
  void noEngineFailsWhatTheReferencePasses(String engine) {
    assertNoneWorse(run(OPTIONS.withEngine(engine)));
    assertNoneWorse(run(OPTIONS.withEngine(engine).withOptimize(false)));
  }

  private static void assertNoneWorse(Map<String, Outcome> outcomes) {
    TreeSet<String> worse = new TreeSet<>();
    outcomes.forEach((name, outcome) -> {
      if (outcome instanceof Failed failed && reference.get(name) instanceof Passed) {
        worse.add(name + ": " + failed.reason());
      }
    });
    assertThat(worse).isEmpty();
  }

  @Test
  void skipsAreForNamedReasonsOnly() {
    assertThat(reference.values().stream().filter(Skipped.class::isInstance))
        .allSatisfy(outcome -> assertThat(((Skipped) outcome).reason()).isNotBlank());
  }
}
