package dev.tinytitan.edge.elastic;

import dev.tinytitan.Binding;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * All points of a model, open side by side: to switch is to say which runs next; nothing is loaded
 * then. Points may be of one elastic model or separate models of the same inputs.
 *
 * <p>{@link #use} may be called by any thread, {@link #run} by one at a time.
 */
public final class ElasticSession implements AutoCloseable {
  private final List<OperatingPoint> points;
  private final List<Session> sessions = new ArrayList<>();
  private final List<Binding> bindings = new ArrayList<>();
  private volatile int current;

  private ElasticSession(List<OperatingPoint> points, List<Model> models, SessionOptions options) {
    this.points = List.copyOf(points);
    try {
      for (Model model : models) {
        Session session = model.open(options);
        sessions.add(session);
        bindings.add(session.binding(single(session)));
        // The first run of a plan is the slow one; it is not to be the first after a switch.
        bindings.getLast().run();
      }
    } catch (RuntimeException error) {
      close();
      throw error;
    }
  }

  /** Opens every point of an elastic model; starts at the first, the largest. */
  public static ElasticSession open(ElasticModel model, SessionOptions options) {
    return new ElasticSession(
        model.points().stream().map(ElasticPoint::point).toList(),
        model.points().stream().map(model::at).toList(),
        options);
  }

  /**
   * Opens a set of separate models, such as a model and compressed forms of it; starts at the
   * first.
   *
   * @param points one for each model
   * @param models of the same inputs; the first output of each answers
   */
  public static ElasticSession of(
      List<OperatingPoint> points, List<Model> models, SessionOptions options) {
    if (points.isEmpty() || points.size() != models.size()) {
      throw new IllegalArgumentException(
          points.size() + " points for " + models.size() + " models");
    }
    return new ElasticSession(points, models, options);
  }

  /** Shapes for a batch of one, where the batch is open. */
  static Map<String, Shape> single(Session session) {
    Map<String, Shape> shapes = new java.util.HashMap<>();
    for (var input : session.inputs()) {
      int[] dims =
          input.tensorType().knownDims().stream()
              .mapToInt(dim -> dim.isFixed() ? dim.size() : 1)
              .toArray();
      shapes.put(input.name(), Shape.of(dims));
    }
    return shapes;
  }

  /** The points, in the order they were given. */
  public List<OperatingPoint> points() {
    return points;
  }

  /** The point that runs next. */
  public OperatingPoint point() {
    return points.get(current);
  }

  /**
   * Switches.
   *
   * @throws IllegalArgumentException if the model has no such point
   */
  public void use(OperatingPoint point) {
    int index = points.indexOf(point);
    if (index < 0) {
      throw new IllegalArgumentException("there is no point '" + point.name() + "'");
    }
    current = index;
  }

  /**
   * Runs the current point on a sample.
   *
   * @param input the values of the one input, a batch of one
   * @return the answer; overwritten by the point's next run
   * @throws ShapeMismatchException if the sample does not fit
   */
  public Tensor run(Tensor input) {
    Binding binding = bindings.get(current);
    Tensor own = binding.input(0);
    if (own.size() != input.size()) {
      throw new ShapeMismatchException(
          "A sample has " + own.size() + " elements, not " + input.size() + ".");
    }
    own.copyFrom(input.shape().equals(own.shape()) ? input : input.reshape(own.shape()));
    binding.run();
    return binding.output(0);
  }

  /** An input of zeros, of the shape that {@link #run} takes. */
  public Tensor sample() {
    Tensor own = bindings.getFirst().input(0);
    return Tensor.zeros(own.dtype(), own.shape());
  }

  @Override
  public void close() {
    sessions.forEach(Session::close);
  }
}
