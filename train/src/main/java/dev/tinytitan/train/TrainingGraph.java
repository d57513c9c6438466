package dev.tinytitan.train;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.UnsupportedModelException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.op.Dropout;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.RecurrentOperator;
import dev.tinytitan.op.Sigmoid;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.pass.FoldConstants;
import dev.tinytitan.pass.FoldShapes;
import dev.tinytitan.pass.Pipelines;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.gradient.Differentiator;
import dev.tinytitan.train.op.BatchNormalizationTraining;
import dev.tinytitan.train.op.ChannelMoments;
import dev.tinytitan.train.op.TrainingDropout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A model made trainable, as one graph: the forward pass with the batch's own statistics and with
 * dropout, the loss, and the gradients. Parameters are inputs; the loss, the prediction, gradients
 * and batch statistics are outputs.
 *
 * @param graph for a fixed batch size, so all types are static
 * @param inputs the model's inputs
 * @param target the input that takes the targets, if they count
 * @param step the input that takes the number of the step, if there is dropout
 * @param prediction the output that the loss sees
 * @param predictionShape its shape, the batch first
 * @param parameters what is trained, with its initial values
 * @param gradients for each parameter, the output that holds its gradient
 * @param statistics what batch normalizations keep running
 * @param guidance the inputs of the guidance: its own names, and those in the graph
 */
record TrainingGraph(
    Graph graph,
    List<Value> inputs,
    Optional<String> target,
    Optional<String> step,
    String prediction,
    Shape predictionShape,
    Map<String, Tensor> parameters,
    Map<String, String> gradients,
    List<RunningStatistics> statistics,
    Map<String, String> guidance) {

  /** The output that holds the loss. */
  static final String LOSS = "training/loss";

  private static final String TARGET = "training/target";
  private static final String STEP = "training/step";
  private static final float DEFAULT_DROPOUT = 0.5f;

  /**
   * The running statistics of one batch normalization.
   *
   * @param mean the initializer that holds the running mean
   * @param variance the initializer that holds the running variance
   * @param normalized the feature maps that it gives
   * @param batchMean the output that holds the batch's mean
   * @param batchVariance the output that holds the batch's variance, divided by the places
   * @param momentum how much of the running values stays
   * @param places over how many elements the batch's statistics go
   */
  record RunningStatistics(
      String mean,
      String variance,
      String normalized,
      String batchMean,
      String batchVariance,
      float momentum,
      int places) {

    private RunningStatistics withPlaces(int count) {
      return new RunningStatistics(
          mean, variance, normalized, batchMean, batchVariance, momentum, count);
    }
  }

  /**
   * Makes a model trainable.
   *
   * @param trainable which of the learnable initializers are trained, by name
   * @param guidance what is added to the loss
   * @throws UnsupportedModelException if a node has no gradient; lists all of them
   */
  static TrainingGraph of(
      Graph model,
      int batch,
      Loss loss,
      Predicate<String> trainable,
      long seed,
      Optional<Guidance> guidance) {
    if (model.inputs().isEmpty() || model.outputs().isEmpty()) {
      throw new UnsupportedModelException(
          "Only models with inputs and outputs are trained; this one has "
              + model.inputs().size()
              + " and "
              + model.outputs().size()
              + ".",
          List.of());
    }
    List<Value> inputs = model.inputs().stream().map(input -> withBatch(input, batch)).toList();
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    Parameters.of(model)
        .forEach((name, tensor) -> {
          if (trainable.test(name)) {
            parameters.put(name, tensor);
          }
        });
    Graph.Builder draft = Graph.builder(model.name() + "-training").inputs(inputs);
    model
        .initializers()
        .forEach((name, tensor) -> {
          if (parameters.containsKey(name)) {
            draft.input(name, TensorType.of(tensor.dtype(), tensor.shape()));
          } else {
            draft.initializer(name, tensor);
          }
        });
    List<RunningStatistics> statistics = new ArrayList<>();
    boolean[] drops = {false};
    String prediction = predictionOf(model, loss);
    for (Node node : model.nodes()) {
      if (node.operator() instanceof BatchNormalization normalization
          && parameters.containsKey(node.input(1))) {
        addBatchNormalization(draft, node, normalization, statistics);
      } else if (node.operator() instanceof Dropout) {
        drops[0] |= addDropout(draft, model, node, seed);
      } else if (node.operator() instanceof RecurrentOperator) {
        Map<String, TensorType> soFar = TypeInference.infer(draft.build());
        RecurrenceUnroller.unroll(
            draft, node, shape(soFar, node.input(0)), shape(soFar, node.input(2)));
      } else {
        draft.node(node);
      }
    }
    if (drops[0]) {
      draft.input(STEP, TensorType.of(DType.INT64));
    }
    List<String> wanted = new ArrayList<>(model.outputs().stream().map(Value::name).toList());
    wanted.add(prediction);
    statistics.forEach(each -> wanted.addAll(List.of(each.batchMean(), each.batchVariance())));
    Graph.Builder builder = concrete(draft.build(), wanted);
    Map<String, TensorType> types = TypeInference.infer(builder.build());
    TensorType type = types.get(prediction);
    if (type == null || !type.isStatic() || type.dtype() != DType.FLOAT32) {
      throw new ShapeMismatchException(
          "The output '"
              + prediction
              + "' is to be float32 of a known shape, but is "
              + type
              + ".");
    }
    NodeWriter nodes = new NodeWriter(builder, "training/");
    List<String> terms = new ArrayList<>();
    double weight = guidance.map(Guidance::targetWeight).orElse(1.0);
    if (weight != 0) {
      builder.input(TARGET, type);
      String value = loss.write(nodes, prediction, TARGET, type.shape());
      terms.add(weight == 1 ? value : nodes.add(new Mul(), value, nodes.scalar(weight)));
    }
    GuidanceWriter guiding = new GuidanceWriter(builder, prediction, types);
    guidance.ifPresent(given -> terms.add(given.write(guiding)));
    parameters.putAll(guiding.parameters());
    builder.node(terms.size() > 1 ? new Add() : new Identity(), terms, LOSS);
    builder.output(LOSS, null).output(prediction, null);
    Differentiator.Result result =
        Differentiator.differentiate(builder.build(), LOSS, parameters.keySet());
    Graph.Builder complete = result.graph().toBuilder();
    result.gradients().values().stream().distinct().forEach(name -> complete.output(name, null));
    List<RunningStatistics> counted = new ArrayList<>();
    for (RunningStatistics each : statistics) {
      complete.output(each.batchMean(), null).output(each.batchVariance(), null);
      Shape shape = Objects.requireNonNull(types.get(each.normalized())).shape();
      counted.add(each.withPlaces(shape.size() / shape.dim(1)));
    }
    return new TrainingGraph(
        complete.build(),
        inputs,
        weight == 0 ? Optional.empty() : Optional.of(TARGET),
        drops[0] ? Optional.of(STEP) : Optional.empty(),
        prediction,
        type.shape(),
        parameters,
        result.gradients(),
        List.copyOf(counted),
        guiding.inputs());
  }

  private static Shape shape(Map<String, TensorType> types, String value) {
    TensorType type = types.get(value);
    if (type == null || !type.isStatic()) {
      throw new ShapeMismatchException(
          "The value '" + value + "' is to be of a known shape, but is " + type + ".");
    }
    return type.shape();
  }

  /**
   * The graph with all shapes known: what a model works out of the shapes of its inputs, as
   * encoders of texts do, is constant once these are fixed.
   *
   * @param wanted values that must stay
   */
  private static Graph.Builder concrete(Graph graph, List<String> wanted) {
    boolean known =
        TypeInference.infer(graph).values().stream()
            .allMatch(type -> type.isStatic() || type.dtype() != DType.FLOAT32);
    if (known) {
      return graph.toBuilder();
    }
    Graph.Builder complete = graph.toBuilder();
    wanted.stream().distinct().forEach(name -> complete.output(name, null));
    Graph folded =
        Pipelines.run(complete.build(), List.of(new FoldConstants(false), new FoldShapes()))
            .graph();
    return Graph.builder(folded.name())
        .inputs(folded.inputs())
        .initializers(folded.initializers())
        .nodes(folded.nodes());
  }

  /** The input with a fixed batch size. */
  private static Value withBatch(Value input, int batch) {
    TensorType type = input.tensorType();
    if (!type.hasRank() || type.rank() == 0) {
      throw new ShapeMismatchException(
          "Input '" + input.name() + "' has no batch dimension: it is " + type + ".");
    }
    List<Dim> dims = new ArrayList<>(type.knownDims());
    dims.set(0, Dim.of(batch));
    TensorType fixed = type.withDims(dims);
    if (!fixed.isStatic()) {
      throw new ShapeMismatchException(
          "Input '"
              + input.name()
              + "' is "
              + type
              + ": only the batch, its first dimension, may be open in training.");
    }
    return Value.of(input.name(), fixed);
  }

  /** The first output, or what a last Softmax or Sigmoid reads where the loss wants that. */
  private static String predictionOf(Graph model, Loss loss) {
    String output = model.outputs().get(0).name();
    Optional<Node> last = model.producer(output);
    boolean leavesOut =
        last.isPresent()
            && ((loss.takesLogits() && last.get().operator() instanceof Softmax)
                || (loss.takesBinaryLogits() && last.get().operator() instanceof Sigmoid));
    return leavesOut ? last.orElseThrow().input(0) : output;
  }

  private static void addBatchNormalization(
      Graph.Builder builder,
      Node node,
      BatchNormalization normalization,
      List<RunningStatistics> statistics) {
    String moments = node.name() + "/moments";
    String mean = node.name() + "/batch_mean";
    String variance = node.name() + "/batch_variance";
    builder.node(new ChannelMoments(), List.of(node.input(0)), moments);
    builder.node(
        Node.of(
            node.name(),
            new BatchNormalizationTraining(normalization.epsilon()),
            List.of(node.input(0), moments, node.input(1), node.input(2)),
            List.of(node.output(), mean, variance)));
    statistics.add(
        new RunningStatistics(
            node.input(3),
            node.input(4),
            node.output(),
            mean,
            variance,
            normalization.momentum(),
            0));
  }

  private static boolean addDropout(Graph.Builder builder, Graph model, Node node, long seed) {
    float rate =
        model.constant(node.input(1)).map(tensor -> tensor.getFloat(0)).orElse(DEFAULT_DROPOUT);
    long own = seed * 31 + node.name().hashCode();
    builder.node(
        Node.of(
            node.name(),
            new TrainingDropout(rate, own),
            List.of(node.input(0), STEP),
            List.of(node.output())));
    return true;
  }
}
