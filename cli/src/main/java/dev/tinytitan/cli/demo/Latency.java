package dev.tinytitan.cli.demo;

import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.cli.bench.Peer;
import dev.tinytitan.cli.bench.Peers;
import dev.tinytitan.compress.measure.BindingContender;
import dev.tinytitan.compress.measure.Contender;
import dev.tinytitan.compress.measure.Rounds;
import dev.tinytitan.compress.measure.Timings;
import dev.tinytitan.compress.report.Section.Role;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The model before and after, and in other engines that are here, timed in turns. */
public final class Latency {
  private static final Duration WARM_UP = Duration.ofMillis(800);
  private static final Duration TIME = Duration.ofMillis(1200);
  private static final int MIN_ROUNDS = 8;

  private Latency() {}

  /**
   * How long one run takes.
   *
   * @param label who ran what
   * @param role for the report
   * @param memoryBytes of activations and scratch; -1 if unknown
   * @param timings of one thread
   */
  public record Line(String label, Role role, long memoryBytes, Timings timings) {}

  private record Entry(String label, Role role, long memoryBytes) {}

  /** Times both models on one thread. */
  public static List<Line> measure(Path before, Path after, Map<String, Tensor> inputs) {
    List<Contender> contenders = new ArrayList<>();
    List<Entry> entries = new ArrayList<>();
    try {
      for (Path file : List.of(before, after)) {
        String model = file.equals(before) ? "before" : "after";
        BindingContender own =
            new BindingContender(
                "TinyTitan",
                Model.load(file).open(SessionOptions.defaults().withThreads(1)),
                inputs);
        contenders.add(own);
        entries.add(
            new Entry(
                "TinyTitan, " + model,
                file.equals(before) ? Role.BEFORE : Role.AFTER,
                own.binding().byteSize()));
        for (Peer peer : Peers.able(file)) {
          Contender other = peer.open(file, inputs, 1);
          contenders.add(other);
          entries.add(new Entry(other.name() + ", " + model, Role.PEER, -1));
        }
      }
      List<Timings> timings = new Rounds(WARM_UP, TIME, MIN_ROUNDS).measure(contenders);
      List<Line> lines = new ArrayList<>();
      for (int i = 0; i < timings.size(); i++) {
        Entry entry = entries.get(i);
        lines.add(new Line(entry.label(), entry.role(), entry.memoryBytes(), timings.get(i)));
      }
      return lines;
    } finally {
      contenders.forEach(Contender::close);
    }
  }
}
