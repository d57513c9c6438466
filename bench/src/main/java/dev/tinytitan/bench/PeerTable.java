package dev.tinytitan.bench;

import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.cli.bench.Peer;
import dev.tinytitan.compress.measure.BindingContender;
import dev.tinytitan.compress.measure.Contender;
import dev.tinytitan.compress.measure.Rounds;
import dev.tinytitan.compress.measure.Timings;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Every model of the suite on every engine beside ONNX Runtime, interleaved in one run, as a
 * Markdown table: median and p99 in microseconds, and the ratio of medians.
 *
 * <p>Arguments: {@code MODELS MINILM [--engines a,b] [--threads N] [--only WORD] [--seconds S]}.
 * Run it on an idle machine.
 */
public final class PeerTable {
  private PeerTable() {}

  /** Prints the table. */
  public static void main(String[] args) {
    List<String> options = Arrays.asList(args);
    Path models = Path.of(args[0]);
    Path miniLm = Path.of(args[1]);
    List<String> engines = List.of(option(options, "--engines", "simd,portable").split(","));
    int threads = Integer.parseInt(option(options, "--threads", "1"));
    String only = option(options, "--only", "");
    double seconds = Double.parseDouble(option(options, "--seconds", "3"));
    System.out.println("| model | engine | median µs | p50 ratio | p99 µs | agreement |");
    System.out.println("|---|---|---:|---:|---:|---:|");
    for (BenchModel model : BenchModel.suite(models, miniLm)) {
      if (model.label().contains(only) && Files.exists(model.file())) {
        measure(model, engines, threads, seconds);
      }
    }
  }

  static String option(List<String> options, String name, String absent) {
    int at = options.indexOf(name);
    return at < 0 ? absent : options.get(at + 1);
  }

  private static void measure(
      BenchModel benchModel, List<String> engines, int threads, double seconds) {
    Model model = Model.load(benchModel.file());
    Map<String, Tensor> inputs = benchModel.inputs(model, 1);
    Peer.PeerModel peer = new OnnxRuntimePeer().open(benchModel.file(), inputs, threads);
    Map<String, Tensor> expected = peer.outputs();
    List<Contender> contenders = new ArrayList<>();
    contenders.add(peer);
    List<String> agreement = new ArrayList<>();
    agreement.add("");
    for (String engine : engines) {
      BindingContender own =
          new BindingContender(
              engine,
              model.open(SessionOptions.defaults().withEngine(engine).withThreads(threads)),
              inputs);
      own.run();
      double worst = 0;
      for (Map.Entry<String, Tensor> output : expected.entrySet()) {
        worst =
            Math.max(
                worst,
                Agreement.relativeToMax(output.getValue(), own.binding().output(output.getKey())));
      }
      agreement.add(String.format(Locale.ROOT, "%.1e", worst));
      contenders.add(own);
    }
    List<Timings> timings =
        new Rounds(
                Duration.ofMillis((long) (seconds * 500)),
                Duration.ofMillis((long) (seconds * 1000)),
                12)
            .measure(contenders);
    double base = timings.get(0).median();
    for (int i = 0; i < timings.size(); i++) {
      Timings each = timings.get(i);
      System.out.printf(
          Locale.ROOT,
          "| %s | %s | %.1f | %.2f | %.1f | %s |%n",
          benchModel.label(),
          each.name(),
          each.median() / 1e3,
          each.median() / base,
          each.quantile(0.99) / 1e3,
          agreement.get(i));
    }
    contenders.forEach(Contender::close);
  }
}
