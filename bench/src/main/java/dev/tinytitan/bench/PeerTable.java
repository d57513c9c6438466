package dev.tinytitan.bench;

import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.cli.bench.PeakShare;
import dev.tinytitan.cli.bench.Peer;
import dev.tinytitan.cli.bench.Peers;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.compress.measure.BindingContender;
import dev.tinytitan.compress.measure.Contender;
import dev.tinytitan.compress.measure.Rounds;
import dev.tinytitan.compress.measure.Timings;
import dev.tinytitan.edge.energy.OperationCount;
import dev.tinytitan.tensor.Tensor;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Every model of the suite on every engine beside its peers, ONNX Runtime and, where there is the
 * same model in its format, TensorFlow Lite; interleaved in one run, as a Markdown table: median in
 * microseconds, its ratio to the fastest peer's, the share of this machine's peak that the model's
 * multiply-adds come to, and p99.
 *
 * <p>Arguments: {@code MODELS MINILM [--engines a,b] [--threads N] [--only WORD] [--seconds S]
 * [--json]}. Run it on an idle machine.
 */
public final class PeerTable {
  private final int threads;
  private final double seconds;
  private final List<String> engines;
  private final @Nullable PeakShare share;

  private PeerTable(int threads, double seconds, List<String> engines, @Nullable PeakShare share) {
    this.threads = threads;
    this.seconds = seconds;
    this.engines = engines;
    this.share = share;
  }

  /**
   * One engine on one model.
   *
   * @param medianMicros of the timed runs
   * @param ratio of this median to the fastest peer's; null where no peer ran
   * @param peakShare the model's multiply-adds in this time, by what one thread's arithmetic
   *     reaches at most, times the threads; null where the peak cannot be measured
   * @param p99Micros of the timed runs
   * @param agreement the greatest difference to ONNX Runtime's outputs by their maximum; null for
   *     peers
   */
  record Row(
      String model,
      String engine,
      double medianMicros,
      @Nullable Double ratio,
      @Nullable Double peakShare,
      double p99Micros,
      @Nullable Double agreement) {}

  /** Prints the table. */
  public static void main(String[] args) {
    List<String> options = Arrays.asList(args);
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    List<String> engines = List.of(option(options, "--engines", "codegen,simd").split(",", -1));
    int threads = Integer.parseInt(option(options, "--threads", "1"));
    double seconds = Double.parseDouble(option(options, "--seconds", "2"));
    String only = option(options, "--only", "");
    boolean json = options.contains("--json");
    PeakShare share = PeakShare.measure().orElse(null);
    PeerTable table = new PeerTable(threads, seconds, engines, share);
    List<Row> rows = new ArrayList<>();
    if (!json) {
      out.println("| model | engine | median µs | by best peer | of peak | p99 µs | agreement |");
      out.println("|---|---|---:|---:|---:|---:|---:|");
    }
    for (BenchModel model : BenchModel.suite(Path.of(args[0]), Path.of(args[1]))) {
      if (model.label().contains(only) && model.exists()) {
        List<Row> measured = table.measure(model);
        rows.addAll(measured);
        if (!json) {
          measured.forEach(row -> print(out, row));
        }
      }
    }
    if (json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("threads", threads);
      document.put("peaks", share == null ? null : share.peaks());
      document.put("rows", rows);
      Json.print(out, document);
    } else if (share != null) {
      out.printf(
          Locale.ROOT,
          "%nPeak of one thread (%s): %.0f GMAC/s float32, %.0f GMAC/s int8.%n",
          share.peaks().isa(),
          share.peaks().floatGmacs(),
          share.peaks().byteGmacs());
    }
    out.flush();
  }

  static String option(List<String> options, String name, String absent) {
    int at = options.indexOf(name);
    return at < 0 ? absent : options.get(at + 1);
  }

  private static void print(PrintWriter out, Row row) {
    out.printf(
        Locale.ROOT,
        "| %s | %s | %.1f | %s | %s | %.1f | %s |%n",
        row.model(),
        row.engine(),
        row.medianMicros(),
        row.ratio() == null ? "" : String.format(Locale.ROOT, "%.2f", row.ratio()),
        row.peakShare() == null ? "" : String.format(Locale.ROOT, "%.0f %%", 100 * row.peakShare()),
        row.p99Micros(),
        row.agreement() == null ? "" : String.format(Locale.ROOT, "%.1e", row.agreement()));
  }

  /** The peers that can run a model. */
  static List<Peer> peers(BenchModel benchModel) {
    return benchModel.isFile() ? Peers.able(benchModel.file()) : List.of();
  }

  private List<Row> measure(BenchModel benchModel) {
    Model model = benchModel.model();
    Map<String, Tensor> inputs = benchModel.inputs(model, 1);
    List<Contender> contenders = new ArrayList<>();
    List<@Nullable Double> agreement = new ArrayList<>();
    Map<String, Tensor> expected = Map.of();
    for (Peer peer : peers(benchModel)) {
      Peer.PeerModel opened = peer.open(benchModel.file(), inputs, threads);
      if (expected.isEmpty()) {
        expected = opened.outputs();
      }
      contenders.add(opened);
      agreement.add(null);
    }
    int peers = contenders.size();
    Optional<OperationCount> operations = Optional.empty();
    for (String engine : engines) {
      SessionOptions options = SessionOptions.defaults().withEngine(engine).withThreads(threads);
      BindingContender own = new BindingContender(engine, model.open(options), inputs);
      own.run();
      if (operations.isEmpty()) {
        operations = OperationCount.of(own.session().graph(), own.shapes());
      }
      agreement.add(expected.isEmpty() ? null : worst(expected, own));
      contenders.add(own);
    }
    List<Timings> timings =
        new Rounds(
                Duration.ofMillis((long) (seconds * 500)),
                Duration.ofMillis((long) (seconds * 1000)),
                12)
            .measure(contenders);
    contenders.forEach(Contender::close);
    double best = timings.subList(0, peers).stream().mapToDouble(Timings::median).min().orElse(0);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < timings.size(); i++) {
      Timings each = timings.get(i);
      rows.add(
          new Row(
              benchModel.label(),
              each.name(),
              each.median() / 1e3,
              best == 0 ? null : each.median() / best,
              share == null
                  ? null
                  : operations.map(count -> share.of(count, each.median(), threads)).orElse(null),
              each.quantile(0.99) / 1e3,
              agreement.get(i)));
    }
    return rows;
  }

  private static double worst(Map<String, Tensor> expected, BindingContender own) {
    double worst = 0;
    for (Map.Entry<String, Tensor> output : expected.entrySet()) {
      Tensor actual = own.binding().output(output.getKey());
      worst = Math.max(worst, Agreement.relativeToMax(output.getValue(), actual));
    }
    return worst;
  }
}
