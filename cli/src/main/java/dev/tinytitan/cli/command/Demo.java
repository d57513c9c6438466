package dev.tinytitan.cli.command;

import dev.tinytitan.cli.Interruption;
import dev.tinytitan.cli.demo.DemoReport;
import dev.tinytitan.cli.demo.Latency;
import dev.tinytitan.cli.demo.SentenceEncoderDemo;
import dev.tinytitan.cli.demo.VisionDemo;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.ProgressDisplay;
import dev.tinytitan.cli.output.SearchDisplay;
import dev.tinytitan.cli.output.Table;
import dev.tinytitan.cli.output.Units;
import dev.tinytitan.compress.report.Section;
import dev.tinytitan.compress.search.SearchResult;
import dev.tinytitan.compress.statistics.Interval;
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

/** {@code titan demo}: a real model made small, checked, timed and shown. */
@Command(
    name = "demo",
    description = {
      "Makes the sentence encoder all-MiniLM-L6-v2 smaller, compares it with the original on"
          + " sentences it has not seen, times both (and ONNX Runtime, with the bench module),"
          + " searches with both, and writes a report to open in a browser.",
      "titan demo vision trains a small network on Fashion-MNIST (Debian's package"
          + " dataset-fashion-mnist), or on characters made on the spot where it is not installed,"
          + " and looks for its smallest form that is as good."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan demo",
      "  titan demo vision",
      "  titan demo living      a model that learns where it runs"
    },
    subcommands = DemoLiving.class)
public final class Demo implements Callable<Integer> {
  /** The parts of the demo that have a name. */
  enum Part {
    VISION
  }

  @Parameters(
      paramLabel = "PART",
      arity = "0..1",
      description = "vision; without it, the sentence encoder.")
  private @Nullable Part part;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FOLDER",
      description = "Where the model and the report go (default: ${DEFAULT-VALUE}).")
  private Path folder = Path.of("titan-demo");

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public Demo() {}

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (part == Part.VISION) {
      return vision(out, spec.commandLine().getErr());
    }
    SentenceEncoderDemo.Outcome outcome;
    try (ProgressDisplay progress = new ProgressDisplay(spec.commandLine().getErr(), common.json)) {
      outcome = SentenceEncoderDemo.run(folder, progress);
    }
    Path report = folder.resolve("report.html");
    DemoReport.of(outcome).save(report);
    if (common.json) {
      Json.print(out, json(outcome, report));
    } else {
      print(out, outcome, report);
    }
    out.flush();
    return 0;
  }

  private int vision(PrintWriter out, PrintWriter err) {
    PrintWriter lines = common.json ? err : out;
    try (Interruption interruption = Interruption.listen();
        ProgressDisplay progress = new ProgressDisplay(err, common.json)) {
      VisionDemo.Outcome outcome =
          VisionDemo.run(
              folder,
              VisionDemo.Settings.here(),
              progress,
              options -> new SearchDisplay(lines, err, progress, options, interruption));
      if (common.json) {
        Json.print(
            out,
            CompressionJson.of(
                outcome.before(), outcome.after(), outcome.recipe(), outcome.result()));
      } else {
        new SearchDisplay(out, err, progress, outcome.result().options(), interruption)
            .summary(outcome.result(), outcome.after(), outcome.recipe(), outcome.report());
        out.println();
        out.println("Where to go next:");
        out.println("  titan compress MODEL --data DATA -o SMALL    the same for a model of yours");
      }
      out.flush();
      return outcome.result().verdict() == SearchResult.Verdict.HOLDS ? 0 : 1;
    }
  }

  private static void print(PrintWriter out, SentenceEncoderDemo.Outcome outcome, Path report) {
    Interval cosine = outcome.meanCosine();
    Table summary = new Table("all-MiniLM-L6-v2", "before>", "after>", "");
    summary.row(
        "file",
        Units.bytes(outcome.result().bytesBefore()),
        Units.bytes(outcome.result().bytesAfter()),
        String.format(Locale.ROOT, "%.2f times smaller", outcome.result().ratio()));
    summary.row(
        "mean cosine",
        "1",
        String.format(Locale.ROOT, "%.4f", cosine.value()),
        String.format(
            Locale.ROOT,
            "of %d unseen sentences; 95 %% in %.4f to %.4f",
            outcome.cosines().size(),
            cosine.low(),
            cosine.high()));
    summary.row("least cosine", "1", String.format(Locale.ROOT, "%.4f", outcome.leastCosine()), "");
    summary.print(out);
    out.println();
    Table times = new Table("one sentence, one thread", "median>", "p99>");
    for (Latency.Line line : outcome.latencies()) {
      times.row(
          line.label(),
          Units.nanos(line.timings().median()),
          Units.nanos(line.timings().quantile(0.99)));
    }
    times.print(out);
    out.println();
    Table searches = new Table("query", "nearest before", "nearest after");
    for (Section.Search search : outcome.searches()) {
      searches.row(
          search.query(),
          shorten(search.before().getFirst().text()),
          shorten(search.after().getFirst().text()));
    }
    searches.print(out);
    out.println();
    out.println("report   " + report + "  (open it in a browser)");
    out.println("model    " + outcome.after());
    out.println();
    out.println("Where to go next:");
    out.println(
        "  titan run " + outcome.after() + " --text \"Good morning\" --text \"Hello there\"");
    out.println("  titan quantize MODEL -o SMALL --data DATA    the same for a model of yours");
    out.println("  titan --help                                 all commands");
  }

  private static String shorten(String text) {
    return text.length() <= 44 ? text : text.substring(0, 43) + "…";
  }

  private static Map<String, Object> json(SentenceEncoderDemo.Outcome outcome, Path report) {
    List<Object> latencies = new ArrayList<>();
    for (Latency.Line line : outcome.latencies()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("engine", line.label());
      entry.put("medianNanos", line.timings().median());
      entry.put("p95Nanos", line.timings().quantile(0.95));
      entry.put("p99Nanos", line.timings().quantile(0.99));
      entry.put("memoryBytes", line.memoryBytes() < 0 ? null : line.memoryBytes());
      latencies.add(entry);
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", outcome.after().toString());
    json.put("report", report.toString());
    json.put("bytesBefore", outcome.result().bytesBefore());
    json.put("bytesAfter", outcome.result().bytesAfter());
    json.put("sentences", outcome.cosines().size());
    json.put("meanCosine", outcome.meanCosine());
    json.put("leastCosine", outcome.leastCosine());
    json.put("timedTokens", outcome.timedTokens());
    json.put("latencies", latencies);
    json.put("searches", outcome.searches());
    return json;
  }
}
