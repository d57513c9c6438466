package dev.tinytitan.edge.elastic;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.NodeCost;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Evaluation;
import dev.tinytitan.train.SharedWeightsTrainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingResult;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Makes an elastic model of a classifier: adds exits, trains all widths and depths together, and
 * judges each point. Immutable and safe for use by many threads.
 *
 * <pre>{@code
 * ElasticModel elastic =
 *     new ElasticTrainer(ElasticOptions.defaults()).train(model, train, validation, TrainingListener.SILENT);
 * elastic.save(Path.of("classifier.onnx"));
 * }</pre>
 */
public final class ElasticTrainer {
  private static final String LOGITS = "elastic/logits";

  private final ElasticOptions options;

  /** A trainer with these options. */
  public ElasticTrainer(ElasticOptions options) {
    this.options = options;
  }

  /**
   * Trains all points together.
   *
   * @param model a classifier with one input, whose output is a Softmax's; its weights are where
   *     training begins
   * @param validation judges the points; training does not see it
   * @throws BadDataException if the model is no such classifier, the data do not fit it, or
   *     training diverges
   */
  public ElasticModel train(
      Model model, TrainingData train, TrainingData validation, TrainingListener listener) {
    Model wide =
        options.exits().isEmpty()
            ? model
            : ExitHeads.attach(model, options.exits(), options.training().seed());
    List<String> answers = answers(wide.graph());
    Slices slices = new Slices(wide.graph());
    Set<String> own = normalizations(wide.graph());
    List<Map<String, Integer>> keeps = new ArrayList<>();
    List<SharedWeightsTrainer.Member> members = new ArrayList<>();
    for (double width : options.widths()) {
      Map<String, Integer> keep = slices.keep(width);
      Map<String, int[]> places = new LinkedHashMap<>(slices.places(keep));
      places.keySet().removeAll(own);
      keeps.add(keep);
      members.add(
          new SharedWeightsTrainer.Member(
              Model.of(logits(slices.at(keep), answers), wide.info()), answers.size(), places));
    }
    SharedWeightsTrainer.Result result;
    try (SharedWeightsTrainer trainer =
        SharedWeightsTrainer.of(members, options.training(), options.sharing())) {
      result = trainer.fit(train, listener);
    }
    if (result.stop() == TrainingResult.Stop.DIVERGED) {
      throw new BadDataException("Training diverged: lower the learning rate.");
    }
    Map<String, float[]> learned = new LinkedHashMap<>(result.shared());
    learned.putAll(result.own().getFirst());
    Model trained = Model.of(with(wide.graph(), learned), wide.info());
    Map<String, WidthSlice> widths = new LinkedHashMap<>();
    for (int i = 0; i < keeps.size(); i++) {
      // The full width's own values stand in the ONNX file.
      widths.put(
          key(options.widths().get(i)),
          new WidthSlice(
              i == 0 ? Map.of() : keeps.get(i), i == 0 ? Map.of() : result.own().get(i)));
    }
    if (options.nested()) {
      trained = Model.of(NestedWeights.store(trained.graph()), trained.info());
    }
    return judged(new ElasticModel(trained, widths, List.of()), answers, validation);
  }

  /**
   * The same points with the weights that training would begin with; none is judged. What points
   * could reach alone is measured from here.
   */
  public ElasticModel untrained(Model model) {
    Model wide =
        options.exits().isEmpty()
            ? model
            : ExitHeads.attach(model, options.exits(), options.training().seed());
    Slices slices = new Slices(wide.graph());
    Map<String, WidthSlice> widths = new LinkedHashMap<>();
    options
        .widths()
        .forEach(width -> widths.put(key(width), new WidthSlice(slices.keep(width), Map.of())));
    return new ElasticModel(wide, widths, List.of());
  }

  /** The model with a point for each width, depth and precision, the most accurate ones first. */
  private ElasticModel judged(ElasticModel model, List<String> answers, TrainingData validation) {
    SessionOptions session = SessionOptions.defaults().withThreads(options.training().threads());
    List<ElasticPoint> points = new ArrayList<>();
    for (String width : model.widths().keySet()) {
      for (int bits : options.nested() ? new int[] {8, 4} : new int[] {32}) {
        for (int depth = answers.size() - 1; depth >= 0; depth--) {
          String name =
              "w"
                  + width
                  + (answers.size() > 1 ? "-d" + (depth + 1) : "")
                  + (options.nested() ? "-b" + bits : "");
          ElasticPoint open =
              new ElasticPoint(new OperatingPoint(name, 0, 0, 0), width, answers.get(depth), bits);
          Model at = model.at(open);
          points.add(
              new ElasticPoint(
                  new OperatingPoint(
                      name,
                      Evaluation.score(at, validation, session),
                      multiplyAdds(at.graph()),
                      at.graph().initializers().values().stream()
                          .mapToLong(Tensor::byteSize)
                          .sum()),
                  width,
                  answers.get(depth),
                  bits));
        }
      }
    }
    return new ElasticModel(model.model(), model.widths(), points);
  }

  /** How a width is called: its share in per cent. */
  private static String key(double width) {
    return String.format(Locale.ROOT, "%d", Math.round(100 * width));
  }

  /** Multiply-adds of one sample. */
  static long multiplyAdds(Graph graph) {
    Map<String, TensorType> types =
        TypeInference.infer(graph, ExitHeads.inputTypes(graph), Map.of());
    return graph.nodes().stream()
        .mapToLong(node -> NodeCost.of(node, types).map(Cost::multiplyAdds).orElse(0L))
        .sum();
  }

  /** The outputs that answer, from the shallowest to the deepest, which is the first. */
  private static List<String> answers(Graph graph) {
    List<String> answers = new ArrayList<>(graph.outputs().stream().map(Value::name).toList());
    answers.add(answers.removeFirst());
    for (String answer : answers) {
      if (graph.producer(answer).isEmpty()
          || !(graph.producer(answer).get().operator() instanceof Softmax)) {
        throw new BadDataException(
            "Only classifiers can be made elastic: the output '" + answer + "' is no Softmax's.");
      }
    }
    return answers;
  }

  /** The same network with what its Softmaxes read, one after the other, as its one output. */
  private static Graph logits(Graph graph, List<String> answers) {
    List<String> logits = new ArrayList<>();
    Set<Node> ends = new HashSet<>();
    for (String answer : answers) {
      Node end = graph.producer(answer).orElseThrow();
      ends.add(end);
      logits.add(end.input(0));
    }
    Graph.Builder builder =
        graph.toBuilder()
            .nodes(graph.nodes().stream().filter(node -> !ends.contains(node)).toList())
            .outputs(List.of());
    if (logits.size() == 1) {
      return builder.output(logits.getFirst(), null).build();
    }
    return builder.node(new Concat(0), logits, LOGITS).output(LOGITS, null).build();
  }

  /** Scales, shifts and statistics of batch normalizations. */
  private static Set<String> normalizations(Graph graph) {
    Set<String> names = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (node.operator() instanceof BatchNormalization) {
        names.addAll(node.inputs().subList(1, 5));
      }
    }
    return names;
  }

  private static Graph with(Graph graph, Map<String, float[]> values) {
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    values.forEach((name, array) -> {
      Tensor old = initializers.get(name);
      if (old != null) {
        initializers.put(name, Tensor.of(array, old.shape().toArray()));
      }
    });
    return graph.toBuilder().initializers(initializers).build();
  }
}
