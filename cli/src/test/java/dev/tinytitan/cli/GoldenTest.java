package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.SessionOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What commands print, held against files in {@code golden/}. After a change that is meant, run
 * with {@code -Dtinytitan.golden.update=true} and look at the difference.
 */
class GoldenTest {
  @TempDir private Path folder;

  /** Figures that depend on the engine are compared on the one that is everywhere. */
  @BeforeEach
  void takeTheReference() {
    System.setProperty(SessionOptions.ENGINE_PROPERTY, "reference");
  }

  @AfterEach
  void takeAnyEngine() {
    System.clearProperty(SessionOptions.ENGINE_PROPERTY);
  }

  static Stream<String> commands() {
    return Main.commandLine().getSubcommands().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void help(String command) throws IOException {
    Titan.Result result =
        command.equals("help") ? Titan.run("--help") : Titan.run(command, "--help");
    assertThat(result.code()).isZero();
    assertThat(result.err()).isEmpty();
    check("help-" + command, result.out());
  }

  @Test
  void inspect() throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    check("inspect", Titan.run("inspect", model).out());
    check("inspect-json", Titan.run("inspect", model, "--json").out());
    check("inspect-text", Titan.run("inspect", model, "--text").out());
  }

  @Test
  void compare() throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    check("compare", Titan.run("compare", model, "--with-engine", "reference").out());
  }

  @Test
  void kernels() throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    check("kernels", Titan.run("kernels", model).out());
  }

  @Test
  void evaluate() throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    Path data = TinyData.save(folder, 50);
    check("eval", Titan.run("eval", model, "--vs", model, "--data", data).out());
  }

  private void check(String name, String text) throws IOException {
    String stable = text.replace(folder + "/", "");
    if (Boolean.getBoolean("tinytitan.golden.update")) {
      Files.writeString(
          Path.of("src/test/resources/dev/tinytitan/cli/golden", name + ".txt"), stable);
      return;
    }
    try (InputStream in = GoldenTest.class.getResourceAsStream("golden/" + name + ".txt")) {
      assertThat(in).as("golden file of %s", name).isNotNull();
      assertThat(stable).isEqualTo(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
