package dev.tinytitan.bench.jmh;

import dev.tinytitan.Binding;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.bench.OnnxRuntimePeer;
import dev.tinytitan.cli.bench.Peer;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Identity;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a call costs when there is nothing to compute: a graph of one Identity over one float. On a
 * binding it allocates nothing; {@code Session.run} gives tensors that the caller owns.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 2,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CallCost {
  private final Map<String, Tensor> inputs = Map.of("x", Tensor.of(new float[] {1}));
  private final Session session;
  private final Binding binding;
  private final Peer.PeerModel onnxRuntime;

  /** Opens the graph here and in ONNX Runtime. */
  public CallCost() {
    Graph graph =
        Graph.builder("empty")
            .input("x", TensorType.of(DType.FLOAT32, 1))
            .node(new Identity(), List.of("x"), "y")
            .output("y", TensorType.of(DType.FLOAT32, 1))
            .build();
    Model model = Model.of(graph, ModelInfo.of(17));
    session = model.open(SessionOptions.defaults().withThreads(1));
    binding = session.binding();
    try {
      Path file = Files.createTempFile("empty", ".onnx");
      model.save(file);
      onnxRuntime = new OnnxRuntimePeer().open(file, inputs, 1);
      Files.delete(file);
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }

  /** The input is set once, as in a loop that fills it in place. */
  @Setup(Level.Trial)
  public void fill() {
    binding.input("x").setFloat(0, 1);
  }

  /** Closes both. */
  @TearDown(Level.Trial)
  public void close() {
    session.close();
    onnxRuntime.close();
  }

  /** One run of a binding. */
  @Benchmark
  public Tensor binding() {
    binding.run();
    return binding.output("y");
  }

  /** One run of a session: inputs in, new outputs out. */
  @Benchmark
  public Map<String, Tensor> session() {
    return session.run(inputs);
  }

  /** ONNX Runtime with reused tensors and a pinned output. */
  @Benchmark
  public void onnxRuntime() {
    onnxRuntime.run();
  }
}
