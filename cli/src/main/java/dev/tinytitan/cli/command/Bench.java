package dev.tinytitan.cli.command;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.bench.Peer;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.Table;
import dev.tinytitan.cli.output.Units;
import dev.tinytitan.compress.measure.BindingContender;
import dev.tinytitan.compress.measure.Contender;
import dev.tinytitan.compress.measure.Rounds;
import dev.tinytitan.compress.measure.Timings;
import dev.tinytitan.edge.energy.EnergyMeter;
import dev.tinytitan.edge.energy.EnergyProfiler;
import dev.tinytitan.edge.energy.EnergyReading;
import dev.tinytitan.edge.energy.Meters;
import dev.tinytitan.edge.energy.OperationCount;
import dev.tinytitan.edge.energy.OperationModel;
import dev.tinytitan.edge.energy.PowerShare;
import dev.tinytitan.tensor.Tensor;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code titan bench}: how fast a model runs here. */
@Command(
    name = "bench",
    description = {
      "Measures a model: median, p95, p99, the first inference, memory.",
      "With several models or --vs, they take turns in one run, so that ratios can be trusted even"
          + " where the machine's speed drifts."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan bench classifier.onnx",
      "  titan bench float.onnx int8.onnx --vs onnxruntime --threads 1"
    })
public final class Bench implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", arity = "1..*", description = "ONNX files.")
  private List<Path> files = List.of();

  @Option(
      names = "--vs",
      paramLabel = "ENGINE",
      split = ",",
      description = "Also onnxruntime (needs the bench module), or another engine of ours.")
  private List<String> against = List.of();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long each contender is measured (default: ${DEFAULT-VALUE}).")
  private double seconds = 3;

  @Mixin private InputOptions inputs = new InputOptions();
  @Mixin private EngineOptions engine = new EngineOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public Bench() {}

  /** One line of the result; times in nanoseconds. */
  record Line(
      String model,
      String engine,
      double median,
      double p95,
      double p99,
      double firstInference,
      long memoryBytes,
      double ratio,
      @Nullable EnergyReading energy) {}

  @Override
  public Integer call() {
    if (!(seconds > 0 && seconds <= 3600)) {
      throw new CommandFailure("--seconds must be more than 0 and at most 3600.");
    }
    List<Contender> contenders = new ArrayList<>();
    List<Line> lines = new ArrayList<>();
    try {
      for (Path file : files) {
        Model model = Model.load(file);
        Map<String, Tensor> given = inputs.inputs(model);
        add(contenders, lines, file, engineName(), model, given);
        for (String other : against) {
          if (!addPeer(contenders, lines, file, other, given)) {
            add(contenders, lines, file, other, model, given);
          }
        }
      }
      List<Timings> timings =
          new Rounds(
                  Duration.ofMillis((long) (seconds * 500)),
                  Duration.ofMillis((long) (seconds * 1000)),
                  12)
              .measure(contenders);
      Optional<EnergyMeter> meter = Meters.find().best();
      for (int i = 0; i < lines.size(); i++) {
        Line line = lines.get(i);
        Timings each = timings.get(i);
        lines.set(
            i,
            new Line(
                line.model(),
                line.engine(),
                each.median(),
                each.quantile(0.95),
                each.quantile(0.99),
                line.firstInference(),
                line.memoryBytes(),
                each.median() / timings.get(0).median(),
                energy(meter, contenders.get(i), each)));
      }
    } finally {
      contenders.forEach(Contender::close);
    }
    print(lines);
    return 0;
  }

  /** By a meter if there is one; else reckoned, for our own engines, whose operations are known. */
  private @Nullable EnergyReading energy(
      Optional<EnergyMeter> meter, Contender contender, Timings timings) {
    EnergyProfiler profiler =
        new EnergyProfiler(
            meter, OperationModel.published(), PowerShare.unknownProcessor(), engine.threads);
    if (meter.isPresent()) {
      Duration time = Duration.ofMillis((long) (seconds * 250));
      return profiler.measure(Optional.empty(), contender::run, time).energy();
    }
    return contender instanceof BindingContender own
        ? profiler.reckon(
            OperationCount.of(own.session().graph(), own.shapes()), timings.median() * 1e-9)
        : null;
  }

  private String engineName() {
    return engine.engine;
  }

  private void add(
      List<Contender> contenders,
      List<Line> lines,
      Path file,
      String engineName,
      Model model,
      Map<String, Tensor> given) {
    long start = System.nanoTime();
    EngineOptions options = new EngineOptions();
    options.engine = engineName;
    options.threads = engine.threads;
    options.raw = engine.raw;
    Session session = options.open(model);
    BindingContender contender = new BindingContender(session.engine(), session, given);
    contender.run();
    contenders.add(contender);
    lines.add(
        new Line(
            String.valueOf(file.getFileName()),
            session.engine(),
            0,
            0,
            0,
            System.nanoTime() - start,
            contender.binding().byteSize(),
            1,
            null));
  }

  private boolean addPeer(
      List<Contender> contenders,
      List<Line> lines,
      Path file,
      String name,
      Map<String, Tensor> given) {
    for (Peer peer : ServiceLoader.load(Peer.class)) {
      if (peer.name().equals(name)) {
        long start = System.nanoTime();
        Contender contender = peer.open(file, given, engine.threads);
        contender.run();
        contenders.add(contender);
        lines.add(
            new Line(
                String.valueOf(file.getFileName()),
                contender.name(),
                0,
                0,
                0,
                System.nanoTime() - start,
                -1,
                1,
                null));
        return true;
      }
    }
    if (name.equals("onnxruntime")) {
      throw new CommandFailure(
          "--vs onnxruntime needs the bench module: build it with ./build, or put tinytitan-bench on"
              + " the class path.");
    }
    return false;
  }

  private void print(List<Line> lines) {
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("threads", engine.threads);
      result.put("java", Runtime.version().toString());
      result.put("unit", "ns");
      result.put("results", lines);
      Json.print(out, result);
    } else {
      Table table =
          new Table(
              "model",
              "engine",
              "median>",
              "p95>",
              "p99>",
              "open + first>",
              "memory>",
              "ratio>",
              "energy>");
      for (Line line : lines) {
        table.row(
            line.model(),
            line.engine(),
            Units.nanos(line.median()),
            Units.nanos(line.p95()),
            Units.nanos(line.p99()),
            Units.nanos(line.firstInference()),
            line.memoryBytes() < 0 ? "" : Units.bytes(line.memoryBytes()),
            String.format(Locale.ROOT, "%.2f", line.ratio()),
            line.energy() == null ? "" : energy(line.energy()));
      }
      table.print(out);
      printMeter(out, lines);
    }
    out.flush();
  }

  private static String energy(EnergyReading reading) {
    return (reading.meter().isMeasured() ? "" : "≈ ") + Units.joules(reading.joules().value());
  }

  private static void printMeter(PrintWriter out, List<Line> lines) {
    lines.stream()
        .flatMap(line -> Optional.ofNullable(line.energy()).stream())
        .findFirst()
        .ifPresent(reading ->
            out.println(
                "Energy by "
                    + reading.meter().label()
                    + " ("
                    + reading.detail()
                    + (reading.meter().isMeasured()
                        ? ")."
                        : "): the truth is between "
                            + Units.joules(reading.joules().low())
                            + " and "
                            + Units.joules(reading.joules().high())
                            + " in the first row; see titan energy.")));
  }
}
