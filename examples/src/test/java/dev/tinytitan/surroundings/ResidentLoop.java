package dev.tinytitan.surroundings;

import dev.tinytitan.Binding;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Does one thing many times and prints by how many KiB the process's resident memory grew meanwhile
 * (Linux: VmRSS), after a warm-up. Arguments: {@code open} or {@code run}, the model, how often to
 * warm up, how often to do it.
 */
public final class ResidentLoop {
  private ResidentLoop() {}

  public static void main(String[] arguments) throws IOException {
    Path model = Path.of(arguments[1]);
    int warmUp = Integer.parseInt(arguments[2]);
    int count = Integer.parseInt(arguments[3]);
    switch (arguments[0]) {
      case "open" -> {
        open(model, warmUp);
        long before = residentKib();
        open(model, count);
        System.out.println(residentKib() - before);
      }
      case "run" -> {
        try (Session session = Model.load(model).open()) {
          Binding binding = session.binding();
          Map<String, Tensor> inputs = Inputs.random(session.inputs(), 1);
          inputs.forEach((name, tensor) -> binding.input(name).copyFrom(tensor));
          run(binding, warmUp);
          long before = residentKib();
          run(binding, count);
          System.out.println(residentKib() - before);
        }
      }
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static void open(Path model, int count) {
    for (int i = 0; i < count; i++) {
      try (Session session = Model.load(model).open()) {
        session.run(Inputs.random(session.inputs(), 1));
      }
    }
  }

  private static void run(Binding binding, int count) {
    for (int i = 0; i < count; i++) {
      binding.run();
    }
  }

  /** What the process has in memory, after a collection, so that garbage does not count. */
  private static long residentKib() throws IOException {
    System.gc();
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
