package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.cli.samples.ModelFiles;
import dev.tinytitan.data.Npz;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs what README.md shows, with small files under the names that it uses. */
class ReadmeCommandsTest {
  private static final Pattern ARGUMENT = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

  @TempDir private Path folder;

  @Test
  void commandsRun() throws IOException {
    TinyModels.saveClassifier(folder);
    // Enough of them for a budget to be shown to hold.
    Files.copy(TinyData.save(folder, 1500), folder.resolve("new.npz"));
    Npz.write(
        folder.resolve("image.npz"), Map.of("x", Tensor.of(new float[TinyModels.WIDTH], 1, 8)));
    Files.copy(ModelFiles.miniLm().model(), folder.resolve("encoder.onnx"));

    List<String> commands = commands();
    assertThat(commands).hasSizeGreaterThan(5);
    for (String command : commands) {
      // DemoTest and ConformanceTest run those; ONNX Runtime is not part of this module.
      boolean elsewhere =
          command.startsWith("demo")
              || command.startsWith("conformance")
              || command.contains("onnxruntime");
      if (!elsewhere) {
        Titan.Result result = Titan.run(arguments(command));
        assertThat(result.code()).as("titan %s%n%s", command, result.err()).isZero();
      }
    }
  }

  /** The lines of fenced blocks that start with ./titan, without their comments. */
  private static List<String> commands() throws IOException {
    List<String> commands = new ArrayList<>();
    boolean fenced = false;
    Path readme = Path.of(System.getProperty("tinytitan.home", ".."), "README.md");
    for (String line : Files.readAllLines(readme)) {
      if (line.startsWith("```")) {
        fenced = !fenced;
      } else if (fenced && line.startsWith("./titan ")) {
        commands.add(line.substring("./titan ".length()).replaceFirst("\\s+#.*", "").strip());
      }
    }
    return commands;
  }

  /** Files are those in the folder. */
  private Object[] arguments(String command) {
    List<String> arguments = new ArrayList<>();
    Matcher matcher = ARGUMENT.matcher(command);
    while (matcher.find()) {
      String quoted = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
      arguments.add(
          quoted != null
              ? quoted
              : Stream.of(".onnx", ".npz", ".html").anyMatch(matcher.group(3)::endsWith)
                  ? folder.resolve(matcher.group(3)).toString()
                  : matcher.group(3));
    }
    return arguments.toArray();
  }
}
