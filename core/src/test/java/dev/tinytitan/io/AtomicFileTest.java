package dev.tinytitan.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  private void onlyFileIs(Path file, String content) throws IOException {
    assertThat(Files.readString(file)).isEqualTo(content);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void makesAndReplaces() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFile.write(file, out -> out.write("old".getBytes(StandardCharsets.UTF_8)));
    onlyFileIs(file, "old");
    AtomicFile.write(file, out -> out.write("newer".getBytes(StandardCharsets.UTF_8)));
    onlyFileIs(file, "newer");
  }

  /** Writes a half, says so, and waits to be ended. */
  static final class HalfWritten {
    public static void main(String[] arguments) {
      AtomicFile.write(
          Path.of(arguments[0]),
          out -> {
            out.write(new byte[1 << 17]);
            System.out.println("half");
            assertThat(System.in.read()).isEqualTo(-1);
          });
    }
  }

  /** It is told to end in the middle of writing; that goes on when standard input ends, too. */
  @Test
  void anEndingProcessFinishesTheFile() throws IOException, InterruptedException {
    Path file = folder.resolve("a.txt");
    Files.writeString(file, "old");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                HalfWritten.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.getInputStream().readNBytes(4))
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("half");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(2);
    }
    process.destroy();
    process.waitFor();
    onlyFileIs(file, "\0".repeat(1 << 17));
  }

  /** A pipe in the test's own folder: no device of the machine is at stake. */
  @Test
  void aPipeIsWrittenToAndNotReplaced() throws IOException, InterruptedException {
    Path shell = Path.of("/bin/sh");
    Assumptions.assumeTrue(Files.isExecutable(shell), "there is no /bin/sh here");
    Path pipe = folder.resolve("pipe");
    Path copy = folder.resolve("copy");
    Process reader =
        new ProcessBuilder(
                shell.toString(),
                "-c",
                "mkfifo \"$1\" && echo ready && cat \"$1\" > \"$2\"",
                "sh",
                pipe.toString(),
                copy.toString())
            .start();
    assertThat(reader.getInputStream().readNBytes(5))
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("ready");
    AtomicFile.write(pipe, out -> out.write("all".getBytes(StandardCharsets.UTF_8)));
    assertThat(reader.waitFor()).isZero();
    assertThat(copy).hasContent("all");
    assertThat(Files.isRegularFile(pipe)).isFalse();
  }

  @Test
  void fullDiskLeavesTheOldFile() throws IOException {
    Path file = folder.resolve("a.txt");
    Files.writeString(file, "old");
    assertThatThrownBy(() ->
            AtomicFile.write(
                file,
                out -> {
                  out.write(new byte[1 << 20]);
                  throw new IOException("No space left on device");
                }))
        .isInstanceOf(BadDataException.class)
        .hasMessage("'%s' cannot be written: the disk is full. What was there is unchanged.", file);
    onlyFileIs(file, "old");
  }

  @Test
  void followsLinks() throws IOException {
    Path file = folder.resolve("a.txt");
    Files.writeString(file, "old");
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    AtomicFile.write(link, out -> out.write("new".getBytes(StandardCharsets.UTF_8)));
    assertThat(link).isSymbolicLink();
    assertThat(Files.readString(file)).isEqualTo("new");
  }

  @Test
  void saysWhatIsWrongWithThePlace() {
    assertThatThrownBy(() -> AtomicFile.write(folder, out -> {}))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("is a folder");
    assertThatThrownBy(() -> AtomicFile.write(folder.resolve("no/such.txt"), out -> {}))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("there is no folder");
  }
}
