package dev.tinytitan.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.cli.Main;
import dev.tinytitan.cli.bench.Peer;
import dev.tinytitan.cli.bench.Peers;
import dev.tinytitan.cli.demo.Latency;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.zoo.Zoo;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Peers as the command line uses them, on a model that TensorFlow Lite has no file of. */
class PeersTest {
  @TempDir private Path folder;
  private Path model = Path.of("");

  @BeforeEach
  void writeModel() {
    model = folder.resolve("mlp.onnx");
    Zoo.build("mlp", new Zoo.Task(Shape.of(4), 3, true, 0, 1), 1).save(model);
  }

  private record Result(int code, String out, String err) {}

  private static Result titan(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    int code =
        line.execute(List.of(arguments).stream().map(String::valueOf).toArray(String[]::new));
    return new Result(code, out.toString(), err.toString());
  }

  @Test
  void bothAreFoundAndSayWhichModelsTheyCanRun() {
    assertThat(Peers.all())
        .extracting(Peer::name)
        .containsExactlyInAnyOrder("onnxruntime", "tensorflowlite");
    assertThat(Peers.able(model)).extracting(Peer::name).containsExactly("onnxruntime");
  }

  @Test
  void theDemoTimesThoseThatCan() {
    Path other = folder.resolve("other.onnx");
    Model.load(model).save(other);
    Map<String, Tensor> inputs = Map.of("input", Tensor.zeros(DType.FLOAT32, Shape.of(1, 4)));

    assertThat(Latency.measure(model, other, inputs))
        .extracting(Latency.Line::label)
        .containsExactly(
            "TinyTitan, before", "ONNX Runtime, before", "TinyTitan, after", "ONNX Runtime, after");
  }

  @Test
  void benchMeasuresAllThatCan() {
    Result result = titan("bench", model, "--vs", "peers,portable", "--seconds", "0.02");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("ONNX Runtime", "portable", "of peak");
    assertThat(result.out()).doesNotContain("TensorFlow");
  }

  @Test
  void aPeerAskedForThatCannotSaysWhatItNeeds() {
    Result result = titan("bench", model, "--vs", "tensorflowlite", "--seconds", "0.02");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("TensorFlow Lite needs the model as", "mlp.tflite");
    assertThat(result.err().lines()).hasSize(1);
  }
}
