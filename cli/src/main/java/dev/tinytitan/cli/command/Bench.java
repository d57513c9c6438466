package dev.tinytitan.cli.command;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.bench.PeakShare;
import dev.tinytitan.cli.bench.Peer;
import dev.tinytitan.cli.bench.Peers;
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
import java.util.Set;
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
      "  titan bench float.onnx int8.onnx --vs onnxruntime --threads 1",
      "  titan bench kws.onnx --vs peers"
    })
public final class Bench implements Callable<Integer> {
  private static final String ALL_PEERS = "peers";
  private static final Set<String> PEERS = Set.of(ALL_PEERS, "onnxruntime", "tensorflowlite");

  @Parameters(paramLabel = "MODEL", arity = "1..*", description = "ONNX files.")
  private List<Path> files = List.of();

  @Option(
      names = "--vs",
      paramLabel = "ENGINE",
      split = ",",
      description = {
        "Also onnxruntime or tensorflowlite, or peers for both (they need the bench module), or"
            + " another engine of ours. tensorflowlite reads DIR/tflite/NAME.tflite beside"
            + " DIR/NAME.onnx."
      })
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

  /** What is measured: a model open in an engine; nanoseconds until its first result. */
  private record Entry(
      String model,
      Contender contender,
      double firstInference,
      long memoryBytes,
      Optional<OperationCount> operations) {}

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
      @Nullable Double peakShare,
      @Nullable EnergyReading energy) {}

  @Override
  public Integer call() {
    if (!(seconds > 0 && seconds <= 3600)) {
      throw new CommandFailure("--seconds must be more than 0 and at most 3600.");
    }
    List<Entry> entries = new ArrayList<>();
    try {
      for (Path file : files) {
        Model model = Model.load(file);
        Map<String, Tensor> given = inputs.inputs(model);
        Entry first = own(file, model, engine.engine, given);
        entries.add(first);
        for (String other : against) {
          List<Peer> peers = peers(file, other);
          for (Peer peer : peers) {
            entries.add(peer(file, peer, given, first.operations()));
          }
          if (peers.isEmpty()) {
            entries.add(own(file, model, other, given));
          }
        }
      }
      print(measure(entries));
    } finally {
      entries.forEach(entry -> entry.contender().close());
    }
    return 0;
  }

  private List<Line> measure(List<Entry> entries) {
    List<Timings> timings =
        new Rounds(
                Duration.ofMillis((long) (seconds * 500)),
                Duration.ofMillis((long) (seconds * 1000)),
                12)
            .measure(entries.stream().map(Entry::contender).toList());
    Optional<EnergyMeter> meter = Meters.find().best();
    Optional<PeakShare> share = PeakShare.measure();
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      Timings each = timings.get(i);
      lines.add(
          new Line(
              entry.model(),
              entry.contender().name(),
              each.median(),
              each.quantile(0.95),
              each.quantile(0.99),
              entry.firstInference(),
              entry.memoryBytes(),
              each.median() / timings.getFirst().median(),
              share
                  .flatMap(of ->
                      entry.operations().map(count -> of.of(count, each.median(), engine.threads)))
                  .orElse(null),
              energy(meter, entry.contender(), each)));
    }
    return lines;
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

  private Entry own(Path file, Model model, String engineName, Map<String, Tensor> given) {
    long start = System.nanoTime();
    EngineOptions options = new EngineOptions();
    options.engine = engineName;
    options.threads = engine.threads;
    options.raw = engine.raw;
    Session session = options.open(model);
    BindingContender contender = new BindingContender(session.engine(), session, given);
    contender.run();
    long first = System.nanoTime() - start;
    return new Entry(
        String.valueOf(file.getFileName()),
        contender,
        first,
        contender.binding().byteSize(),
        OperationCount.of(session.graph(), contender.shapes()));
  }

  private Entry peer(
      Path file, Peer peer, Map<String, Tensor> given, Optional<OperationCount> operations) {
    long start = System.nanoTime();
    Contender contender = peer.open(file, given, engine.threads);
    contender.run();
    long first = System.nanoTime() - start;
    return new Entry(String.valueOf(file.getFileName()), contender, first, -1, operations);
  }

  /** The peers that a name means for a model; none if it is an engine of ours. */
  private static List<Peer> peers(Path file, String name) {
    List<Peer> meant;
    if (name.equals(ALL_PEERS)) {
      meant = Peers.able(file);
    } else {
      meant = Peers.all().stream().filter(peer -> peer.name().equals(name)).toList();
      for (Peer peer : meant) {
        peer.problem(file)
            .ifPresent(problem -> {
              throw new CommandFailure(problem);
            });
      }
    }
    if (meant.isEmpty() && PEERS.contains(name)) {
      throw new CommandFailure(
          "--vs "
              + name
              + " needs the bench module: build it with ./build, or put tinytitan-bench on the"
              + " class path.");
    }
    return meant;
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
              "of peak>",
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
            line.peakShare() == null
                ? ""
                : String.format(Locale.ROOT, "%.0f %%", 100 * line.peakShare()),
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
