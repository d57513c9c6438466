package dev.tinytitan.edge.elastic;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Binding;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.TrainingData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Answers as early as the answer is sure: through the exits of one network, computing each layer at
 * most once, or through separate models, the small one first. Serves one thread at a time.
 */
public final class CascadeSession implements AutoCloseable {
  private final List<Session> sessions = new ArrayList<>();
  private final List<Binding> bindings = new ArrayList<>();
  private final List<Long> multiplyAdds = new ArrayList<>();
  private ExitPolicy policy;

  /**
   * An answer.
   *
   * @param output the probabilities; overwritten by the next run
   * @param exit which exit gave it, from 0
   * @param multiplyAdds what it took
   */
  public record Answer(Tensor output, int exit, long multiplyAdds) {}

  private CascadeSession(List<Graph> stages, Model of, SessionOptions options) {
    this(stages.stream().map(graph -> Model.of(graph, of.info())).toList(), options);
  }

  private CascadeSession(List<Model> stages, SessionOptions options) {
    this.policy = new ExitPolicy(List.of(), Math.nextUp(1.0), 0);
    try {
      for (Model stage : stages) {
        Session session = stage.open(options);
        sessions.add(session);
        bindings.add(session.binding(ElasticSession.single(session)));
        multiplyAdds.add(ElasticTrainer.multiplyAdds(stage.graph()));
      }
    } catch (RuntimeException error) {
      close();
      throw error;
    }
  }

  /**
   * The exits of one width of an elastic model.
   *
   * @param point any point of that width and precision
   */
  public static CascadeSession open(
      ElasticModel model, ElasticPoint point, SessionOptions options) {
    Graph graph = model.graph(point);
    List<String> exits = new ArrayList<>(graph.outputs().stream().map(Value::name).toList());
    exits.add(exits.removeFirst());
    Map<String, TensorType> types =
        TypeInference.infer(graph, ExitHeads.inputTypes(graph), Map.of());
    Map<String, Value> values = new HashMap<>();
    types.forEach((name, type) -> values.put(name, Value.of(name, type)));
    return new CascadeSession(Subgraphs.stages(graph, exits, values), model.model(), options);
  }

  /**
   * Separate models of the same input, the smallest first; the first output of each is
   * probabilities.
   */
  public static CascadeSession of(List<Model> models, SessionOptions options) {
    if (models.isEmpty()) {
      throw new IllegalArgumentException("no models");
    }
    return new CascadeSession(models, options);
  }

  /** How many exits there are. */
  public int exits() {
    return sessions.size();
  }

  /** An input of zeros, of the shape that {@link #run} takes. */
  public Tensor sample() {
    Tensor own = bindings.getFirst().input(0);
    return Tensor.zeros(own.dtype(), own.shape());
  }

  /** When early answers are taken; at first none are. */
  public ExitPolicy policy() {
    return policy;
  }

  /**
   * Sets when early answers are taken.
   *
   * @throws IllegalArgumentException if it is for another number of exits
   */
  public void setPolicy(ExitPolicy value) {
    if (value.temperatures().size() != sessions.size() - 1) {
      throw new IllegalArgumentException(
          "a policy for " + (value.temperatures().size() + 1) + " exits, not " + sessions.size());
    }
    this.policy = value;
  }

  /**
   * Calibrates with labelled samples that training did not see, and takes what it finds as the
   * policy.
   *
   * @param mostDrop how much accuracy may be lost, 0 to 1, at 95 % confidence
   * @throws BadDataException if the samples have no labels
   */
  public ExitPolicy calibrate(TrainingData data, double mostDrop) {
    if (!data.hasClasses()) {
      throw new BadDataException("Exits are calibrated with labelled samples.");
    }
    List<float[][]> probabilities = new ArrayList<>();
    sessions.forEach(each -> probabilities.add(new float[data.size()][]));
    Tensor sample = bindings.getFirst().input(0).copy();
    for (int i = 0; i < data.size(); i++) {
      fill(sample, data, i);
      Map<String, Tensor> known = new HashMap<>();
      for (int exit = 0; exit < sessions.size(); exit++) {
        probabilities.get(exit)[i] = stage(exit, sample, known).toFloatArray().clone();
      }
    }
    ExitPolicy found = ExitPolicy.calibrate(probabilities, data.classes(), mostDrop);
    setPolicy(found);
    return found;
  }

  /** Copies a sample of data into a tensor. */
  static void fill(Tensor sample, TrainingData data, int index) {
    System.arraycopy(
        data.samples(), index * data.sampleSize(), sample.floatArray(), 0, data.sampleSize());
  }

  /** Answers as early as the policy allows. */
  public Answer run(Tensor input) {
    Map<String, Tensor> known = new HashMap<>();
    long spent = 0;
    for (int exit = 0; ; exit++) {
      Tensor output = stage(exit, input, known);
      spent += multiplyAdds.get(exit);
      if (exit == sessions.size() - 1
          || (!policy.temperatures().isEmpty() && policy.takes(exit, output.toFloatArray()))) {
        return new Answer(output, exit, spent);
      }
    }
  }

  /** Runs one stage on the input and what earlier stages gave; adds what it gives. */
  private Tensor stage(int exit, Tensor input, Map<String, Tensor> known) {
    Session session = sessions.get(exit);
    Binding binding = bindings.get(exit);
    for (int i = 0; i < session.inputs().size(); i++) {
      Tensor own = binding.input(i);
      Tensor given = known.getOrDefault(session.inputs().get(i).name(), input);
      own.copyFrom(given.shape().equals(own.shape()) ? given : given.reshape(own.shape()));
    }
    binding.run();
    for (int i = 0; i < session.outputs().size(); i++) {
      known.put(session.outputs().get(i).name(), binding.output(i));
    }
    return binding.output(0);
  }

  @Override
  public void close() {
    sessions.forEach(Session::close);
  }
}
