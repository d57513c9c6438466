package dev.tinytitan.cli.demo;

import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.edge.adapt.Frame;
import dev.tinytitan.edge.adapt.Goal;
import dev.tinytitan.edge.adapt.PointProfile;
import dev.tinytitan.edge.adapt.Scenario;
import dev.tinytitan.edge.adapt.Simulator;
import dev.tinytitan.edge.adapt.Timeline;
import dev.tinytitan.edge.elastic.ElasticSession;
import dev.tinytitan.edge.elastic.OperatingPoint;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * A day of a watch: others want its processor, the sun heats it, the battery falls. The device is
 * simulated; the answers are the models' own.
 *
 * @param adaptive with the controller
 * @param fixed at the full width all the time
 * @param right the share of windows that were answered rightly and in time
 * @param rightFixed the same at the full width all the time
 */
public record LivingDay(Timeline adaptive, Timeline fixed, double right, double rightFixed) {
  /** About what a Cortex-M4 at 64 MHz computes with 8-bit integers. */
  private static final double MULTIPLY_ADDS_A_SECOND = 40e6;

  /** Of the processor while it computes. */
  private static final double WATTS = 0.02;

  /** The deadline, as a multiple of what the full width takes at rest. */
  private static final double PATIENCE = 1.5;

  /** How much less energy the day took than at the full width, 0 to 1. */
  public double saved() {
    return 1 - adaptive.joules() / fixed.joules();
  }

  /**
   * Plays it.
   *
   * @param points the full width first
   * @param models one for each point
   * @param windows to answer, in turn, with the right classes
   */
  static LivingDay play(
      List<OperatingPoint> points, List<Model> models, List<Tensor> windows, int[] labels) {
    Scenario day = Scenario.of("day");
    List<PointProfile> profiles =
        points.stream()
            .map(point -> {
              double seconds = point.multiplyAdds() / MULTIPLY_ADDS_A_SECOND;
              return new PointProfile(point, seconds, seconds * WATTS);
            })
            .toList();
    PointProfile full = profiles.getFirst();
    Goal goal = Goal.of(PATIENCE * full.seconds(), day.goal().share());
    Timeline adaptive = Simulator.run(of(day, goal, profiles)).adaptive();
    Timeline fixed = Simulator.run(of(day, goal, List.of(full))).fixed();
    try (ElasticSession session =
        ElasticSession.of(points, models, SessionOptions.defaults().withThreads(1))) {
      return new LivingDay(
          adaptive,
          fixed,
          right(session, adaptive, windows, labels),
          right(session, fixed, windows, labels));
    }
  }

  private static Scenario of(Scenario day, Goal goal, List<PointProfile> profiles) {
    return new Scenario(
        day.name(),
        day.seconds(),
        day.rate(),
        goal,
        day.noise(),
        day.seed(),
        day.signals(),
        day.missing(),
        day.lying(),
        profiles);
  }

  private static double right(
      ElasticSession session, Timeline timeline, List<Tensor> windows, int[] labels) {
    int right = 0;
    int next = 0;
    for (Frame frame : timeline.frames()) {
      int number = next++ % labels.length;
      session.use(frame.point());
      float[] scores = session.run(windows.get(number)).toFloatArray();
      int best = 0;
      for (int i = 1; i < scores.length; i++) {
        best = scores[i] > scores[best] ? i : best;
      }
      right += frame.inTime() && best == labels[number] ? 1 : 0;
    }
    return right / (double) timeline.frames().size();
  }
}
