package dev.tinytitan.bench;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What {@link Startup} starts: runs a model once on zeros, says so, and then how much memory the
 * process has, and, of our own, how much when its generated code is in use. Arguments: {@code
 * bare}, {@code own MODEL} or {@code onnxruntime MODEL}.
 */
final class FirstResult {
  /** The line that says that the result is there. */
  static final String READY = "ready";

  private FirstResult() {}

  /** Computes one result. */
  public static void main(String[] args) throws IOException {
    switch (args[0]) {
      case "own" -> own(Path.of(args[1]));
      case OnnxRuntimePeer.NAME -> {
        OnnxRuntimeFirstResult.run(Path.of(args[1]));
        ready();
      }
      default -> ready();
    }
  }

  private static void own(Path file) throws IOException {
    Model model = Model.load(file);
    try (Session session = model.open()) {
      if (session.run(zeros(model)).isEmpty()) {
        throw new IllegalStateException("the model gives nothing");
      }
      ready();
      // Which waits for the generated code, where another plan gave the first result.
      session.binding().run();
      printMemory();
    }
  }

  private static Map<String, Tensor> zeros(Model model) {
    Map<String, Tensor> inputs = new HashMap<>();
    for (Value input : model.inputs()) {
      TensorType type = input.tensorType();
      inputs.put(input.name(), Tensor.zeros(type.dtype(), type.shape()));
    }
    return inputs;
  }

  private static void ready() throws IOException {
    System.out.println(READY);
    printMemory();
  }

  private static void printMemory() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        System.out.println(line);
      }
    }
  }
}
