package dev.tinytitan.edge.adapt;

import dev.tinytitan.edge.elastic.ElasticSession;
import dev.tinytitan.edge.elastic.OperatingPoint;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * A model that runs at the point that the device can spare: reads the sensors, lets the controller
 * choose, runs, and tells the controller how long it took.
 *
 * <pre>{@code
 * try (AdaptiveSession session =
 *     new AdaptiveSession(ElasticSession.open(model, options), controller, MachineSensors.find())) {
 *   Tensor scores = session.run(image);
 * }
 * }</pre>
 *
 * <p>Serves one thread at a time. Closes the session it was given.
 */
public final class AdaptiveSession implements AutoCloseable {
  /** Sensors are read no more often: reading some takes longer than a small model. */
  private static final long SENSE_NANOS = 200_000_000;

  private final ElasticSession session;
  private final Controller controller;
  private final Sensors sensors;
  private Conditions conditions;
  private long sensed;
  private double lastSeconds;
  private Optional<String> lastChange = Optional.empty();

  /**
   * A session that adapts.
   *
   * @param session all points
   * @param controller with profiles of these points
   * @param sensors what the device has
   */
  public AdaptiveSession(ElasticSession session, Controller controller, Sensors sensors) {
    this.session = session;
    this.controller = controller;
    this.sensors = sensors;
    this.conditions = sensors.read();
    this.sensed = System.nanoTime();
  }

  /** Answers at the point that is right now; the answer is overwritten by a later run. */
  public Tensor run(Tensor input) {
    return run(input, System.nanoTime());
  }

  /**
   * Answers a frame that may have waited.
   *
   * @param arrived when the frame was there, by {@link System#nanoTime}: what it waited counts
   */
  public Tensor run(Tensor input, long arrived) {
    long now = System.nanoTime();
    if (now - sensed > SENSE_NANOS) {
      conditions = sensors.read();
      sensed = now;
    }
    Decision decision = controller.decide(conditions);
    lastChange = decision.change();
    session.use(decision.point());
    Tensor answer = session.run(input);
    lastSeconds = (System.nanoTime() - arrived) * 1e-9;
    controller.observe(lastSeconds);
    return answer;
  }

  /** The point of the last run. */
  public OperatingPoint point() {
    return session.point();
  }

  /** How long the last frame took, in seconds, its wait included. */
  public double lastSeconds() {
    return lastSeconds;
  }

  /** Why the last run was at another point than the one before, if it was. */
  public Optional<String> lastChange() {
    return lastChange;
  }

  /** All points, the most accurate first, with what they take. */
  public List<PointProfile> profiles() {
    return controller.profiles();
  }

  @Override
  public void close() {
    session.close();
  }
}
