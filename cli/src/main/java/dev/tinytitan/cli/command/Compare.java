package dev.tinytitan.cli.command;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.Table;
import dev.tinytitan.tensor.Tensor;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code titan compare}: how far two models, or two engines, are apart on the same inputs. */
@Command(
    name = "compare",
    description = {
      "Runs two models (or one on two engines) on the same inputs and says how far their outputs are"
          + " apart: cosine, signal-to-noise ratio, largest difference, elements that are equal."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan compare float.onnx int8.onnx -i image.npy",
      "  titan compare model.onnx --engine simd --with-engine reference --runs 10"
    })
public final class Compare implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "MODEL", description = "An ONNX file.")
  private Path first = Path.of("");

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "OTHER",
      description = "Another ONNX file with the same inputs; the same one if not given.")
  private @Nullable Path second;

  @Option(
      names = "--with-engine",
      paramLabel = "NAME",
      description = "The engine of the second run; the same if not given.")
  private @Nullable String withEngine;

  @Option(
      names = "--literal",
      description = "The second run takes Q/DQ groups literally, in float, as the graph has them.")
  private boolean literal;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "How many random inputs are tried (default: ${DEFAULT-VALUE}).")
  private int runs = 1;

  @Mixin private InputOptions inputs = new InputOptions();
  @Mixin private EngineOptions engine = new EngineOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public Compare() {}

  /** How far one output is apart. */
  public record Distance(
      String output,
      double cosine,
      double signalToNoiseDb,
      double largestDifference,
      double relativeToLargest,
      double equalShare) {

    /** The distance of two tensors of the same shape. */
    public static Distance of(String name, List<Tensor> expected, List<Tensor> actual) {
      double dot = 0;
      double squares = 0;
      double otherSquares = 0;
      double noise = 0;
      double difference = 0;
      double largest = 0;
      long equal = 0;
      long count = 0;
      for (int run = 0; run < expected.size(); run++) {
        Tensor a = expected.get(run);
        Tensor b = actual.get(run);
        if (!a.shape().equals(b.shape())) {
          throw new CommandFailure(
              "Output '"
                  + name
                  + "' has shape "
                  + a.shape()
                  + " in one and "
                  + b.shape()
                  + " in the other.");
        }
        for (int i = 0; i < a.size(); i++) {
          double x = a.getDouble(i);
          double y = b.getDouble(i);
          dot += x * y;
          squares += x * x;
          otherSquares += y * y;
          noise += (x - y) * (x - y);
          difference = Math.max(difference, Math.abs(x - y));
          largest = Math.max(largest, Math.abs(x));
          equal += x == y || (Double.isNaN(x) && Double.isNaN(y)) ? 1 : 0;
          count++;
        }
      }
      double norms = Math.sqrt(squares) * Math.sqrt(otherSquares);
      return new Distance(
          name,
          norms == 0 ? (noise == 0 ? 1 : 0) : dot / norms,
          noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(squares / noise),
          difference,
          largest == 0 ? difference : difference / largest,
          count == 0 ? 1 : equal / (double) count);
    }
  }

  @Override
  public Integer call() {
    if (second == null && withEngine == null && !literal) {
      throw new CommandFailure(
          "There is nothing to compare with: name a second model, --with-engine or --literal.");
    }
    Model one = Model.load(first);
    Model other = second == null ? one : Model.load(second);
    Map<String, List<Tensor>> expected = new LinkedHashMap<>();
    Map<String, List<Tensor>> actual = new LinkedHashMap<>();
    EngineOptions otherEngine = new EngineOptions();
    otherEngine.engine = withEngine == null ? engine.engine : withEngine;
    otherEngine.threads = engine.threads;
    otherEngine.raw = engine.raw;
    otherEngine.literal = literal;
    try (Session left = engine.open(one);
        Session right = otherEngine.open(other)) {
      for (int run = 0; run < runs; run++) {
        Map<String, Tensor> given = inputs.inputs(one, run);
        collect(expected, left.run(given));
        collect(actual, runOther(right, given));
      }
    }
    List<Distance> distances = new ArrayList<>();
    expected.forEach((name, tensors) -> {
      List<Tensor> others = actual.get(name);
      if (others == null) {
        throw new CommandFailure("The second model has no output '" + name + "'.");
      }
      distances.add(Distance.of(name, tensors, others));
    });
    print(distances);
    return 0;
  }

  private Map<String, Tensor> runOther(Session other, Map<String, Tensor> given) {
    try {
      return other.run(given);
    } catch (ShapeMismatchException error) {
      if (second == null) {
        throw error;
      }
      throw new CommandFailure(
          "The inputs of " + first + " do not fit " + second + ": " + error.getMessage());
    }
  }

  private static void collect(Map<String, List<Tensor>> into, Map<String, Tensor> outputs) {
    outputs.forEach(
        (name, tensor) -> into.computeIfAbsent(name, key -> new ArrayList<>()).add(tensor));
  }

  private void print(List<Distance> distances) {
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      Json.print(out, distances);
    } else {
      Table table =
          new Table("output", "cosine>", "SNR dB>", "largest difference>", "of largest>", "equal>");
      for (Distance each : distances) {
        table.row(
            each.output(),
            String.format(Locale.ROOT, "%.6f", each.cosine()),
            each.equalShare() == 1
                ? "exact"
                : String.format(Locale.ROOT, "%.1f", each.signalToNoiseDb()),
            String.format(Locale.ROOT, "%.3g", each.largestDifference()),
            String.format(Locale.ROOT, "%.2e", each.relativeToLargest()),
            String.format(Locale.ROOT, "%.2f %%", 100 * each.equalShare()));
      }
      table.print(out);
    }
    out.flush();
  }
}
