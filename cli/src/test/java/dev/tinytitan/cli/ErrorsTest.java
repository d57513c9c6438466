package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.data.Npy;
import dev.tinytitan.data.Npz;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Help.Ansi;

/** What users do wrong ends in one sentence and exit code 1; wrong usage in exit code 2. */
class ErrorsTest {
  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void saveModel() {
    model = TinyModels.saveClassifier(folder);
  }

  private static void assertSentence(Titan.Result result, String... parts) {
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("titan: ").contains(parts).doesNotContain("Exception");
    assertThat(result.err().strip().lines()).hasSize(1);
  }

  private Path input(String name, Tensor tensor) {
    Path file = folder.resolve(name);
    Npy.write(file, tensor);
    return file;
  }

  @Test
  void missingFile() {
    assertSentence(Titan.run("inspect", folder.resolve("none.onnx")), "none.onnx");
  }

  @Test
  void emptyFile() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty.onnx"));
    assertSentence(Titan.run("inspect", empty), "empty");
  }

  @Test
  void webPageInsteadOfModel() throws IOException {
    Path page = folder.resolve("page.onnx");
    Files.writeString(page, "<!DOCTYPE html>\n<html><body>404: Not Found</body></html>\n");
    assertSentence(Titan.run("inspect", page), "web page");
  }

  @Test
  void textInsteadOfModel() throws IOException {
    Path text = folder.resolve("text.onnx");
    Files.writeString(text, "hello\n");
    assertSentence(Titan.run("inspect", text), "text.onnx is a text file");
  }

  @Test
  void missingInput() {
    assertSentence(Titan.run("run", model, "-i", "x.npy"), "There is no file 'x.npy'.");
  }

  @Test
  void dimensionsThatTheModelDoesNotHave() {
    assertSentence(
        Titan.run("run", model, "--dim", "sequence=4"), "no open dimension 'sequence'", "it has");
    assertSentence(Titan.run("inspect", model, "--dim", "sequence=4"), "'sequence'");
  }

  @Test
  void modelsWithOtherInputs() {
    Path other = folder.resolve("other.onnx");
    TensorType vector = TensorType.of(DType.FLOAT32, 1, 5);
    Graph graph =
        Graph.builder("other")
            .input("x", vector)
            .node(new Relu(), List.of("x"), "y")
            .output("y", vector)
            .build();
    Model.of(graph, ModelInfo.of(17)).save(other);
    assertSentence(Titan.run("compare", model, other), "inputs of", "do not fit", "other.onnx");
  }

  @Test
  void optionsThatNeedAModel() {
    assertSentence(Titan.run("kernels", "--times"), "name its file");
  }

  @Test
  void casesThatAreNotThere() throws IOException {
    Path cases = Files.createDirectories(folder.resolve("cases"));
    Files.copy(model, Files.createDirectories(cases.resolve("test_one")).resolve("model.onnx"));
    assertSentence(Titan.run("conformance", cases, "--filter", "two"), "'two'");
    assertThat(Titan.run("conformance", cases).out())
        .contains("FAILED  test_one: it has no test_data_set_0", "0 passed, 1 failed, 0 skipped");
  }

  @Test
  void truncatedFile() throws IOException {
    byte[] bytes = Files.readAllBytes(model);
    Path part = folder.resolve("part.onnx");
    Files.write(part, Arrays.copyOf(bytes, bytes.length / 2));
    assertSentence(Titan.run("run", part), "part.onnx");
  }

  @Test
  void wrongInputName() {
    Path x = input("x.npy", Tensor.of(new float[8], 1, 8));
    assertSentence(Titan.run("run", model, "-i", "image=" + x), "image", "[x]");
  }

  @Test
  void wrongInputType() {
    Path x = input("x.npy", Tensor.of(new long[8], 1, 8));
    assertSentence(Titan.run("run", model, "-i", x), "'x'", "float32", "int64");
  }

  @Test
  void wrongInputRank() {
    Path x = input("x.npy", Tensor.of(new float[8], 8));
    assertSentence(Titan.run("run", model, "-i", x), "'x'", "2 dimensions", "[8]");
  }

  @Test
  void wrongInputSize() {
    Path x = input("x.npy", Tensor.of(new float[9], 1, 9));
    assertSentence(Titan.run("run", model, "-i", x), "'x'", "size 9", "wants 8");
  }

  @Test
  void openDimensionsThatAreTooSmall() {
    TensorType images =
        new TensorType(
            DType.FLOAT32,
            List.of(new Dim.Symbol("batch"), Dim.of(1), new Dim.Symbol("height"), Dim.UNKNOWN));
    Path open = folder.resolve("open.onnx");
    Graph graph =
        Graph.builder("g")
            .input("x", images)
            .initializer("w", Tensor.zeros(DType.FLOAT32, Shape.of(1, 1, 3, 3)))
            .node(new Conv(Window.of(), 1), List.of("x", "w"), "y")
            .output("y", null)
            .build();
    Model.of(graph, ModelInfo.of(17)).save(open);

    for (String command : List.of("run", "bench", "inspect")) {
      assertSentence(
          Titan.run(command, open, "--dim", "batch=1"), "3", "--dim height=SIZE --dim x:3=SIZE.");
    }
    assertThat(Titan.run("run", open, "--dim", "height=5", "--dim", "x:3=4").code()).isZero();
  }

  @Test
  void missingCalibrationData() {
    assertSentence(
        Titan.run("quantize", model, "-o", folder.resolve("small.onnx")), "--data", "int8");
    assertThat(folder.resolve("small.onnx")).doesNotExist();
  }

  @Test
  void dataThatDoNotFit() {
    Path x = input("data.npy", Tensor.of(new float[20], 4, 5));
    assertSentence(
        Titan.run("quantize", model, "-o", folder.resolve("small.onnx"), "--data", x),
        "[5]",
        "'x'",
        "float32[1, 8]");
  }

  @Test
  void labelsThatTheModelDoesNotKnow() {
    long[] labels = new long[20];
    labels[0] = 3;
    Path x = folder.resolve("labels.npz");
    Npz.write(
        x, Map.of("x", Tensor.of(new float[160], 20, 8), "y", Tensor.of(labels, labels.length)));
    assertSentence(Titan.run("eval", model, "--data", x), "Sample 0", "class 3", "0 to 2");
  }

  @Test
  void unknownEngine() {
    assertSentence(Titan.run("run", model, "--engine", "gpu"), "gpu", "reference");
  }

  /** A process that may not write files beyond 512 bytes meets what a full disk gives. */
  @Test
  void fullDisk() throws IOException, InterruptedException {
    Path shell = Path.of("/bin/sh");
    Assumptions.assumeTrue(Files.isExecutable(shell), "there is no /bin/sh here");
    Path small = folder.resolve("small.onnx");
    Files.writeString(small, "the old file");
    Process process =
        new ProcessBuilder(
                shell.toString(),
                "-c",
                "ulimit -f 1; exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "quantize",
                model.toString(),
                "--scheme",
                "fp16",
                "-o",
                small.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.PIPE)
            .start();
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(err).isEqualTo(1);
    assertThat(err.lines().filter(line -> line.startsWith("titan: ")))
        .singleElement()
        .asString()
        .contains("small.onnx", "cannot be written", "unchanged");
    assertThat(err).doesNotContain("\tat ");
    assertThat(small).hasContent("the old file");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.filter(file -> file.toString().endsWith(".part"))).isEmpty();
    }
  }

  @Test
  void folderThatDoesNotExist() {
    Path out = folder.resolve("none").resolve("small.onnx");
    assertSentence(
        Titan.run("quantize", model, "--scheme", "int8-weights", "-o", out), "small.onnx", "none");
  }

  @Test
  void usageErrors() {
    assertThat(Titan.run("inspect").code()).isEqualTo(2);
    assertThat(Titan.run("run", model, "--wrong").code()).isEqualTo(2);
    assertThat(Titan.run("quantize", model).code()).isEqualTo(2);
    assertThat(Titan.run("quantize", model, "-o", "x", "--scheme", "int9").err())
        .contains("int9", "int8-dynamic", "titan quantize --help");
    assertThat(Titan.run("nothing").code()).isEqualTo(2);
    assertThat(Titan.run("nothing").err()).startsWith("titan: There is no command 'nothing'.");
  }

  @Test
  void coloursOnlyWhereAskedFor() {
    Titan.Result plain = Titan.run(Ansi.OFF, "run", model, "--engine", "gpu");
    Titan.Result coloured = Titan.run(Ansi.ON, "run", model, "--engine", "gpu");
    assertThat(plain.err()).doesNotContain("\u001b");
    assertThat(coloured.err()).contains("\u001b");
    assertThat(Ansi.AUTO.enabled()).as("tests run on no terminal").isFalse();
  }
}
