package dev.tinytitan.train;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Binding;
import dev.tinytitan.Model;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.op.Dropout;
import dev.tinytitan.op.Identity;
import dev.tinytitan.tensor.Tensor;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gradients of the loss by the parameters of a trained model, over samples taken one by one: their
 * mean, and the mean of their squares, which is the diagonal of the empirical Fisher matrix. The
 * model is as in inference: batch normalizations keep their running statistics, and nothing is
 * dropped. Immutable; the same for any number of threads.
 */
public final class GradientStatistics {
  private final Map<String, double[]> means;
  private final Map<String, double[]> squares;

  private GradientStatistics(Map<String, double[]> means, Map<String, double[]> squares) {
    this.means = means;
    this.squares = squares;
  }

  /**
   * Runs the samples forwards and backwards.
   *
   * @param data with classes or targets, as the loss takes
   * @param threads of each run
   * @throws BadDataException if the data do not fit the model, or a gradient is not finite
   * @throws dev.tinytitan.UnsupportedModelException if a node has no gradient; lists all of them
   */
  public static GradientStatistics of(Model model, TrainingData data, Loss loss, int threads) {
    TrainingOptions options = TrainingOptions.of(loss).withBatch(1).withThreads(threads);
    Set<String> fixed = new HashSet<>();
    for (Node node : model.graph().nodes()) {
      if (node.operator() instanceof BatchNormalization) {
        fixed.addAll(node.inputs().subList(1, node.inputs().size()));
      }
    }
    TrainingGraph training =
        TrainingGraph.of(
            withoutDropout(model.graph()),
            1,
            loss,
            name -> !fixed.contains(name),
            options.seed(),
            Optional.empty());
    InputLayout layout = InputLayout.of(training.inputs());
    data.requireFits(layout.sampleShape(), training.predictionShape(), loss, true);
    PlannedStep planned = PlannedStep.of(training, model.info(), options);
    try {
      Run run = new Run(training, planned.binding(), layout, data, options);
      for (int i = 0; i < data.size(); i++) {
        run.add(i);
      }
      return new GradientStatistics(run.means, run.squares);
    } finally {
      planned.session().close();
    }
  }

  private static Graph withoutDropout(Graph graph) {
    Graph.Builder plain =
        Graph.builder(graph.name()).inputs(graph.inputs()).initializers(graph.initializers());
    for (Node node : graph.nodes()) {
      boolean drops = node.operator() instanceof Dropout && node.outputs().size() == 1;
      plain.node(
          drops
              ? Node.of(node.name(), new Identity(), List.of(node.input(0)), node.outputs())
              : node);
    }
    graph.outputs().forEach(output -> plain.output(output.name(), output.type()));
    return plain.build();
  }

  /** The mean gradient of each element of a parameter; empty for what is none. */
  public Optional<double[]> mean(String parameter) {
    return Optional.ofNullable(means.get(parameter));
  }

  /** The mean squared gradient of each element of a parameter; empty for what is none. */
  public Optional<double[]> meanSquare(String parameter) {
    return Optional.ofNullable(squares.get(parameter));
  }

  /** Sums over samples. Not thread-safe. */
  private static final class Run {
    private final TrainingGraph training;
    private final Binding binding;
    private final InputLayout layout;
    private final TrainingData data;
    private final BatchMaker batches;
    private final int[] order;
    private final float[] sample;
    private final float[] target;
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Map<String, double[]> means = new LinkedHashMap<>();
    private final Map<String, double[]> squares = new LinkedHashMap<>();

    Run(
        TrainingGraph training,
        Binding binding,
        InputLayout layout,
        TrainingData data,
        TrainingOptions options) {
      this.training = training;
      this.binding = binding;
      this.layout = layout;
      this.data = data;
      this.target = new float[training.predictionShape().size()];
      this.sample = new float[layout.sampleSize()];
      this.batches = new BatchMaker(data, options, layout.sampleShape(), 1, target.length);
      this.order = new int[data.size()];
      for (int i = 0; i < order.length; i++) {
        order[i] = i;
      }
      training.inputs().forEach(input -> inputs.put(input.name(), binding.input(input.name())));
      training.parameters().forEach((name, initial) -> binding.input(name).copyFrom(initial));
      training
          .gradients()
          .forEach((name, output) -> {
            int size = binding.output(output).size();
            means.put(name, new double[size]);
            squares.put(name, new double[size]);
          });
    }

    void add(int index) {
      batches.fill(order, index, 0, sample, target);
      layout.fill(sample, 0, inputs);
      training
          .target()
          .ifPresent(name ->
              System.arraycopy(target, 0, binding.input(name).floatArray(), 0, target.length));
      binding.run();
      training
          .gradients()
          .forEach((name, output) -> {
            float[] gradient = binding.output(output).floatArray();
            double[] mean = means.getOrDefault(name, new double[0]);
            double[] square = squares.getOrDefault(name, new double[0]);
            for (int i = 0; i < mean.length; i++) {
              if (!Float.isFinite(gradient[i])) {
                throw new BadDataException(
                    "The gradient of '"
                        + name
                        + "' on sample "
                        + index
                        + " is "
                        + gradient[i]
                        + ": the model does not compute finite numbers there.");
              }
              mean[i] += gradient[i] / (double) data.size();
              square[i] += (double) gradient[i] * gradient[i] / data.size();
            }
          });
    }
  }
}
