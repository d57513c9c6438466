package dev.tinytitan.cli.command;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.Table;
import dev.tinytitan.cli.output.Units;
import dev.tinytitan.kernel.Engine;
import dev.tinytitan.kernel.EngineCatalog;
import dev.tinytitan.kernel.KernelRow;
import dev.tinytitan.kernel.LayerTime;
import dev.tinytitan.kernel.PeakProbe;
import dev.tinytitan.kernel.StepReport;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code titan kernels}: the engines here, their kernels, and which ones a model gets. */
@Command(
    name = "kernels",
    description = {
      "Without a model: the engines that run here, why others do not, and their kernels.",
      "With a model: which kernel each step gets; with --why, what else was looked at.",
      "With --times: how long each layer of generated code takes, on one thread, and its floor.",
      "With --asm: the machine code that computes a step or node.",
      "With --peak: what one thread of this processor reaches at most."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan kernels",
      "  titan kernels classifier.onnx --why",
      "  titan kernels --peak",
      "  titan kernels classifier.onnx --times",
      "  titan kernels classifier.onnx --asm conv1"
    })
public final class Kernels implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", index = "0", arity = "0..1", description = "An ONNX file.")
  private @Nullable Path file;

  @Parameters(
      paramLabel = "NODE",
      index = "1",
      arity = "0..1",
      description = "With --asm: a step, or a node in one.")
  private @Nullable String node;

  @Option(names = "--asm", description = "Print the machine code that computes NODE.")
  private boolean asm;

  @Option(names = "--why", description = "Show the kernels that were not taken, and why.")
  private boolean why;

  @Option(
      names = "--peak",
      description = "Measure the ceilings of float32 and int8 arithmetic, and what a call costs.")
  private boolean peak;

  @Option(
      names = "--times",
      description = "Measure each layer of generated code, beside its multiply-adds at peak.")
  private boolean times;

  @Mixin private InputOptions inputs = new InputOptions();
  @Mixin private EngineOptions engine = new EngineOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public Kernels() {}

  @Override
  public Integer call() {
    if (file == null && (times || why || asm)) {
      throw new CommandFailure("--times, --why and --asm are about a model: name its file.");
    }
    PrintWriter out = spec.commandLine().getOut();
    if (peak) {
      peaks(out);
    } else if (file == null) {
      engines(out);
    } else {
      Model model = Model.load(file);
      if (asm) {
        listing(out, model);
      } else if (times) {
        layerTimes(out, model);
      } else {
        steps(out, model);
      }
    }
    out.flush();
    return 0;
  }

  private static PeakProbe.Peaks measurePeaks() {
    PeakProbe probe =
        ServiceLoader.load(PeakProbe.class)
            .findFirst()
            .orElseThrow(() -> new CommandFailure("Nothing here measures peaks."));
    probe
        .problem()
        .ifPresent(reason -> {
          throw new CommandFailure("The peak cannot be measured: " + reason);
        });
    return probe.measure();
  }

  private void peaks(PrintWriter out) {
    PeakProbe.Peaks peaks = measurePeaks();
    if (common.json) {
      Json.print(out, peaks);
      return;
    }
    Table table = new Table("on one thread, " + peaks.isa(), "peak>");
    table.row("float32 multiply-adds", gmacs(peaks.floatGmacs()));
    table.row("int8 multiply-adds", gmacs(peaks.byteGmacs()));
    table.row("int8 matrix product, inner loop", gmacs(peaks.tileGmacs()));
    table.row("call of generated code, critical", callNanos(peaks.criticalNanos()));
    table.row("call of generated code, plain", callNanos(peaks.plainNanos()));
    if (peaks.firstCallMillis() > 0) {
      table.row("first call in this process", Units.nanos(1e6 * peaks.firstCallMillis()));
    }
    table.print(out);
  }

  private static String gmacs(double rate) {
    return String.format(Locale.ROOT, "%.1f GMAC/s", rate);
  }

  private static String callNanos(double nanos) {
    return String.format(Locale.ROOT, "%.1f ns", nanos);
  }

  private void engines(PrintWriter out) {
    EngineCatalog catalog = EngineCatalog.load();
    if (common.json) {
      List<Object> engines = new ArrayList<>();
      for (Engine each : catalog.usable()) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("engine", each.name());
        entry.put("kernels", each.rows().stream().map(KernelRow::name).toList());
        engines.add(entry);
      }
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("engines", engines);
      result.put("absent", catalog.absent());
      Json.print(out, result);
      return;
    }
    Table table = new Table("engine", "kernel", "operator", "layouts");
    for (Engine each : catalog.usable()) {
      if (each.rows().isEmpty()) {
        table.row(each.name(), "eval", "every operator", "[ROW_MAJOR]");
      }
      for (KernelRow row : each.rows()) {
        table.row(each.name(), row.name(), row.operator().getSimpleName(), row.layouts());
      }
    }
    table.print(out);
    for (EngineCatalog.Absence absence : catalog.absent()) {
      out.println("absent: " + absence.engine() + ": " + absence.reason());
    }
  }

  private void listing(PrintWriter out, Model model) {
    if (node == null) {
      throw new CommandFailure(
          "--asm needs the name of a step or node after the model; `titan kernels MODEL` lists"
              + " them.");
    }
    try (Session session = engine.open(model)) {
      out.print(
          session
              .listing(shapes(model), node)
              .orElseThrow(() ->
                  new CommandFailure(
                      "No generated code computes "
                          + node
                          + "; `titan kernels MODEL` lists the steps with their engines.")));
    }
  }

  private void layerTimes(PrintWriter out, Model model) {
    List<LayerTime> layers;
    try (Session session = engine.open(model)) {
      layers = session.layerTimes(shapes(model));
    }
    if (layers.isEmpty()) {
      throw new CommandFailure(
          "No run of layers of this model is generated code; `titan kernels MODEL` lists its"
              + " steps with their engines.");
    }
    if (common.json) {
      Json.print(out, layers);
      return;
    }
    PeakProbe.Peaks peaks = measurePeaks();
    Table table = new Table("node", "layer", "median>", "multiply-adds>", "floor>", "above floor>");
    double all = 0;
    double floors = 0;
    for (LayerTime layer : layers) {
      double floor = layer.products() / (layer.floats() ? peaks.floatGmacs() : peaks.byteGmacs());
      all += layer.nanos();
      floors += floor;
      row(table, layer.node(), layer.layer(), layer.nanos(), floor, layer.products());
    }
    long products = layers.stream().mapToLong(LayerTime::products).sum();
    row(table, "all", "", all, floors, products);
    table.print(out);
  }

  private static void row(
      Table table, String node, String layer, double nanos, double floor, long products) {
    table.row(
        node,
        layer,
        Units.nanos(nanos),
        products,
        products == 0 ? "" : Units.nanos(floor),
        Units.nanos(nanos - floor));
  }

  private Map<String, Shape> shapes(Model model) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> input : inputs.inputs(model).entrySet()) {
      shapes.put(input.getKey(), input.getValue().shape());
    }
    return shapes;
  }

  private void steps(PrintWriter out, Model model) {
    Map<String, Shape> shapes = shapes(model);
    List<StepReport> steps;
    try (Session session = engine.open(model)) {
      steps = session.explain(shapes);
    }
    if (common.json) {
      Json.print(out, steps);
      return;
    }
    Table table =
        new Table("step", "operator", "engine", "kernel", "layout", "parts>", "estimate>");
    for (StepReport step : steps) {
      table.row(
          step.step(),
          step.operator(),
          step.engine(),
          step.kernel(),
          step.layout(),
          step.parts(),
          step.cost() == 0 ? "" : Units.nanos(step.cost()));
      for (String node : step.nodes()) {
        table.row("", "  " + node, "", "", "", "", "");
      }
      if (why) {
        for (String other : step.others()) {
          table.row("", "", "", "  not " + other, "", "", "");
        }
      }
    }
    table.print(out);
  }
}
