package dev.tinytitan.bench.elastic;

import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.edge.adapt.AdaptiveRun;
import dev.tinytitan.edge.adapt.Goal;
import dev.tinytitan.edge.adapt.MachineSensors;
import dev.tinytitan.edge.adapt.PointProfile;
import dev.tinytitan.edge.adapt.Profiles;
import dev.tinytitan.edge.adapt.Timeline;
import dev.tinytitan.edge.adapt.TimelinePlot;
import dev.tinytitan.edge.elastic.ElasticModel;
import dev.tinytitan.edge.elastic.ElasticOptions;
import dev.tinytitan.edge.elastic.ElasticSession;
import dev.tinytitan.edge.elastic.ElasticTrainer;
import dev.tinytitan.edge.elastic.OperatingPoint;
import dev.tinytitan.edge.energy.EnergyProfiler;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Network;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Deadlines under load: four widths of a large untrained network (what is measured is time, not
 * accuracy), twice as many busy threads as processors from the first frame on, a deadline of 1.6
 * times what the full width takes at rest. The same frames with the controller and at the full
 * width.
 *
 * <p>Argument: seconds for each of both.
 */
public final class LoadedMachine {
  private static final int FACTOR = 16;
  private static final double RATE = 20;

  private LoadedMachine() {}

  /** Runs the measurement. */
  public static void main(String[] args) {
    double seconds = Double.parseDouble(args[0]);
    ElasticModel elastic =
        new ElasticTrainer(
                ElasticOptions.defaults()
                    .withWidths(List.of(1.0, 0.75, 0.5, 0.25, 0.125))
                    .withExits(List.of()))
            .untrained(network());
    List<OperatingPoint> points = new ArrayList<>();
    List<Model> models = new ArrayList<>();
    double accuracy = 0.9;
    for (Model model : elastic.widthModels()) {
      points.add(
          new OperatingPoint(
              "width " + (points.size() + 1), accuracy, 1L << (40 - points.size()), 1));
      models.add(model);
      accuracy -= 0.02;
    }
    try (ElasticSession session =
        ElasticSession.of(points, models, SessionOptions.defaults().withThreads(1))) {
      Tensor sample = session.sample();
      List<PointProfile> profiles =
          Profiles.measure(session, sample, Duration.ofSeconds(6), EnergyProfiler.ofThisMachine(1));
      for (PointProfile profile : profiles) {
        System.out.printf(
            Locale.ROOT, "%s %.2f ms%n", profile.point().name(), 1e3 * profile.seconds());
      }
      Goal goal = Goal.of(1.6 * profiles.getFirst().seconds(), 0.99);
      int busy = 2 * Runtime.getRuntime().availableProcessors();
      AdaptiveRun.Plan plan = new AdaptiveRun.Plan(seconds, RATE, busy, 0);
      Timeline adaptive =
          AdaptiveRun.adaptive(session, goal, profiles, MachineSensors.find(), sample, plan);
      Timeline fixed = AdaptiveRun.fixed(session, goal, profiles, sample, plan);
      TimelinePlot.text(adaptive, 72).forEach(System.out::println);
      adaptive
          .changes()
          .forEach(frame ->
              System.out.printf(
                  Locale.ROOT, "%.1f s %s%n", frame.time(), frame.change().orElse("")));
      System.out.printf(
          Locale.ROOT,
          "deadline %.1f ms, %d busy threads: late after 10 frames %.2f %% adapting, %.2f %% at full"
              + " width%n",
          1e3 * goal.deadlineSeconds(),
          busy,
          100 * adaptive.misses(10),
          100 * fixed.misses(10));
    }
  }

  private static Model network() {
    Network network = new Network("large", 1);
    Layer x = network.input(1, 28, 28).conv(FACTOR * 16, 3, 2).batchNorm().relu();
    for (int filters : new int[] {16, 32, 64}) {
      x = x.conv(FACTOR * filters, 3, filters == 16 ? 1 : 2).batchNorm().relu();
      x = x.conv(FACTOR * filters, 3, 1).batchNorm().relu();
    }
    return network.classifier(x.globalAveragePool().dense(10));
  }
}
