package dev.tinytitan.bench;

import dev.tinytitan.Binding;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Shape;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How long making a model's lasting plan takes, machine code included: in a fresh JVM, where the
 * first downcall and cold generators count, and later in the same one. A Markdown table.
 *
 * <p>Arguments: models. Open first dimensions are 1, other open ones 128. Run it on an idle
 * machine.
 */
public final class GenerationTime {
  /** As the first argument: measure in this process. */
  private static final String CHILD = "--child";

  private static final int LATER = 5;

  private static final int SEQUENCE = 128;

  private GenerationTime() {}

  /** Prints the table. */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args[0].equals(CHILD)) {
      measure(Path.of(args[1]));
      return;
    }
    System.out.println("| model | first plan of a process, ms | later, ms |");
    System.out.println("|---|---:|---:|");
    for (String model : args) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--add-modules=jdk.incubator.vector",
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  GenerationTime.class.getName(),
                  CHILD,
                  model)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
        System.out.println(lines.readLine());
      }
      process.waitFor();
    }
  }

  private static void measure(Path file) {
    Model model = Model.load(file);
    double first = planMillis(model);
    double[] later = new double[LATER];
    for (int i = 0; i < LATER; i++) {
      later[i] = planMillis(model);
    }
    Arrays.sort(later);
    System.out.printf(
        Locale.ROOT, "| %s | %.0f | %.1f |%n", file.getFileName(), first, later[LATER / 2]);
  }

  /** Shapes for inputs that leave dimensions open: a batch of one, and sequences of 128. */
  private static Map<String, Shape> shapes(Session session) {
    Map<String, Shape> shapes = new HashMap<>();
    for (Value input : session.inputs()) {
      TensorType type = input.tensorType();
      int[] dims = new int[type.rank()];
      for (int i = 0; i < dims.length; i++) {
        dims[i] = type.dim(i).isFixed() ? type.dim(i).size() : i == 0 ? 1 : SEQUENCE;
      }
      shapes.put(input.name(), Shape.of(dims));
    }
    return shapes;
  }

  /** A binding waits for the lasting plan. */
  private static double planMillis(Model model) {
    try (Session session = model.open(SessionOptions.defaults().withThreads(1))) {
      long start = System.nanoTime();
      Binding binding = session.binding(shapes(session));
      double millis = (System.nanoTime() - start) / 1e6;
      binding.run();
      return millis;
    }
  }
}
