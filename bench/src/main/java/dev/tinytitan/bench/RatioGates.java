package dev.tinytitan.bench;

import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.TitanException;
import dev.tinytitan.cli.bench.Peer;
import dev.tinytitan.compress.measure.BindingContender;
import dev.tinytitan.compress.measure.Contender;
import dev.tinytitan.compress.measure.Rounds;
import dev.tinytitan.compress.measure.Timings;
import dev.tinytitan.tensor.Tensor;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Holds ratios of speeds against a table: our own against our own (int8 by float, two threads by
 * one, one engine by another, sparse by dense), and ours by the fastest peer's. The two sides of a
 * gate take turns in one run. Limits are targets, without a margin; how far measurements are apart
 * is measured for each gate and shown beside its ratio, and a gate is broken when its ratio is
 * above the limit by more than that. Not part of the build: run it on an idle machine.
 *
 * <p>Arguments: {@code GATES MODELS MINILM [--only WORD] [--seconds S]}. Prints a line for each
 * gate, then {@code N held, N broken}; gates of models whose file is not there count as neither.
 * Exit code 0 if all others hold, else 1.
 */
public final class RatioGates {
  /** In place of an engine: the fastest of all peers that can run the model. */
  static final String PEERS = "peers";

  /** Measurements of a gate: enough to see how far they are apart. */
  private static final int MEASUREMENTS = 3;

  private final Map<String, BenchModel> models;
  private final double seconds;

  private RatioGates(Map<String, BenchModel> models, double seconds) {
    this.models = models;
    this.seconds = seconds;
  }

  /** Measures the gates. */
  public static void main(String[] args) {
    try {
      System.exit(run(args, System.out) ? 0 : 1);
    } catch (TitanException | IllegalArgumentException e) {
      System.err.println("gates: " + e.getMessage());
      System.exit(1);
    }
  }

  /** Returns whether all gates hold. */
  static boolean run(String[] args, PrintStream out) {
    if (args.length < 3) {
      throw new IllegalArgumentException(
          "the arguments are GATES MODELS MINILM [--only WORD] [--seconds S].");
    }
    List<String> options = Arrays.asList(args);
    String only = PeerTable.option(options, "--only", "");
    double seconds = Double.parseDouble(PeerTable.option(options, "--seconds", "2"));
    Map<String, BenchModel> models =
        BenchModel.suite(Path.of(args[1]), Path.of(args[2])).stream()
            .collect(Collectors.toMap(BenchModel::label, Function.identity()));
    List<RatioGate> gates =
        RatioGate.read(Path.of(args[0])).stream()
            .filter(gate -> (gate.measured() + " | " + gate.against()).contains(only))
            .toList();
    if (gates.isEmpty()) {
      throw new IllegalArgumentException(
          "no gate of " + args[0] + (only.isEmpty() ? "" : " has '" + only + "' in it") + ".");
    }
    return new RatioGates(models, seconds).hold(gates, out);
  }

  private boolean hold(List<RatioGate> gates, PrintStream out) {
    out.println("| measured | against | ratio | noise | at most | |");
    out.println("|---|---|---:|---:|---:|---|");
    int broken = 0;
    int absent = 0;
    for (RatioGate gate : gates) {
      // Both are looked up, so that a wrong name is said.
      boolean measured = isThere(gate.measured());
      boolean against = isThere(gate.against());
      if (!measured || !against) {
        out.printf(
            Locale.ROOT,
            "| %s | %s | | | %.2f | model not there |%n",
            gate.measured(),
            gate.against(),
            gate.most());
        absent++;
        continue;
      }
      Ratio ratio = ratio(gate);
      // Written so that NaN breaks a gate.
      boolean holds = ratio.median() - ratio.noise() <= gate.most();
      broken += holds ? 0 : 1;
      String verdict = ratio.median() <= gate.most() ? "holds" : "holds within noise";
      out.printf(
          Locale.ROOT,
          "| %s | %s | %.2f | %.2f | %.2f | %s |%n",
          gate.measured(),
          gate.against(),
          ratio.median(),
          ratio.noise(),
          gate.most(),
          holds ? verdict : "**broken**");
    }
    out.printf(Locale.ROOT, "%d held, %d broken%n", gates.size() - broken - absent, broken);
    return broken == 0;
  }

  /** Whether a model's file is there. */
  private boolean isThere(RatioGate.Side side) {
    return model(side).exists();
  }

  private BenchModel model(RatioGate.Side side) {
    BenchModel model = models.get(side.model());
    if (model == null) {
      throw new IllegalArgumentException(
          "there is no model '" + side.model() + "'; known are " + models.keySet() + ".");
    }
    return model;
  }

  /**
   * What a gate's measurements gave.
   *
   * @param noise half of the distance between the least and the greatest of them
   */
  private record Ratio(double median, double noise) {}

  private Ratio ratio(RatioGate gate) {
    List<Contender> contenders = new ArrayList<>(open(gate.measured()));
    contenders.addAll(open(gate.against()));
    try {
      double[] ratios = new double[MEASUREMENTS];
      for (int i = 0; i < MEASUREMENTS; i++) {
        ratios[i] = ratio(contenders, i == 0 ? seconds : seconds / 4);
      }
      Arrays.sort(ratios);
      double spread = ratios[MEASUREMENTS - 1] - ratios[0];
      return new Ratio(ratios[MEASUREMENTS / 2], spread / 2);
    } finally {
      contenders.forEach(Contender::close);
    }
  }

  /** The first contender's median by the least of the others'. */
  private double ratio(List<Contender> contenders, double warmUpSeconds) {
    List<Timings> timings =
        new Rounds(
                Duration.ofMillis((long) (warmUpSeconds * 1000)),
                Duration.ofMillis((long) (seconds * 1000 / MEASUREMENTS)),
                12)
            .measure(contenders);
    double least =
        timings.subList(1, timings.size()).stream()
            .mapToDouble(Timings::median)
            .min()
            .orElseThrow();
    return timings.get(0).median() / least;
  }

  /** What stands on a side: one contender, or all peers. */
  private List<Contender> open(RatioGate.Side side) {
    BenchModel benchModel = model(side);
    Model model = benchModel.model();
    Map<String, Tensor> inputs = benchModel.inputs(model, 1);
    List<Peer> peers =
        PeerTable.peers(benchModel).stream()
            .filter(peer -> side.engine().equals(PEERS) || side.engine().equals(peer.name()))
            .toList();
    if (!peers.isEmpty()) {
      return peers.stream()
          .<Contender>map(peer -> peer.open(benchModel.file(), inputs, side.threads()))
          .toList();
    }
    SessionOptions options =
        SessionOptions.defaults().withEngine(side.engine()).withThreads(side.threads());
    return List.of(new BindingContender(side.toString(), model.open(options), inputs));
  }
}
