package dev.tinytitan.bench;

import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.TitanException;
import dev.tinytitan.compress.measure.BindingContender;
import dev.tinytitan.compress.measure.Contender;
import dev.tinytitan.compress.measure.Rounds;
import dev.tinytitan.compress.measure.Timings;
import dev.tinytitan.tensor.Tensor;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Holds ratios of speeds against a table: our own against our own (int8 by float, two threads by
 * one, one engine by another), and ours by ONNX Runtime's. The two sides of a gate take turns in
 * one run. Not part of the build: run it on an idle machine.
 *
 * <p>Arguments: {@code GATES MODELS MINILM [--only WORD] [--seconds S]}. Prints a line for each
 * gate, then {@code N held, N broken}. Exit code 0 if all hold, else 1.
 */
public final class RatioGates {
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
    out.println("| measured | against | ratio | at most | |");
    out.println("|---|---|---:|---:|---|");
    int broken = 0;
    for (RatioGate gate : gates) {
      double ratio = ratio(gate);
      // Written so that NaN breaks a gate.
      boolean holds = ratio <= gate.most();
      broken += holds ? 0 : 1;
      out.printf(
          Locale.ROOT,
          "| %s | %s | %.2f | %.2f | %s |%n",
          gate.measured(),
          gate.against(),
          ratio,
          gate.most(),
          holds ? "holds" : "**broken**");
    }
    out.printf(Locale.ROOT, "%d held, %d broken%n", gates.size() - broken, broken);
    return broken == 0;
  }

  private double ratio(RatioGate gate) {
    try (Contender measured = open(gate.measured());
        Contender against = open(gate.against())) {
      List<Timings> timings =
          new Rounds(
                  Duration.ofMillis((long) (seconds * 1000)),
                  Duration.ofMillis((long) (seconds * 1000)),
                  12)
              .measure(List.of(measured, against));
      return timings.get(0).median() / timings.get(1).median();
    }
  }

  private Contender open(RatioGate.Side side) {
    BenchModel benchModel = models.get(side.model());
    if (benchModel == null) {
      throw new IllegalArgumentException(
          "there is no model '" + side.model() + "'; known are " + models.keySet() + ".");
    }
    Model model = Model.load(benchModel.file());
    Map<String, Tensor> inputs = benchModel.inputs(model, 1);
    if (side.engine().equals(OnnxRuntimePeer.NAME)) {
      return new OnnxRuntimePeer().open(benchModel.file(), inputs, side.threads());
    }
    SessionOptions options =
        SessionOptions.defaults().withEngine(side.engine()).withThreads(side.threads());
    return new BindingContender(side.toString(), model.open(options), inputs);
  }
}
