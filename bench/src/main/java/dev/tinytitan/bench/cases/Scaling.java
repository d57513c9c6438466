package dev.tinytitan.bench.cases;

import dev.tinytitan.Model;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Sub;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.TrainingData;
import java.util.Arrays;
import java.util.List;

/**
 * How numbers are scaled to be learned. A network learns on scaled data, and gets the scaling as
 * its first and last nodes when it is done, so that its file takes and gives what is in the data.
 *
 * @param means of the channels
 * @param deviations of the channels, more than 0
 * @param unit what targets are divided by
 */
@SuppressWarnings("ArrayRecordComponent") // A number for each channel, never compared.
record Scaling(double[] means, double[] deviations, double unit) {

  /** Samples with each channel standardized, and targets in the unit. */
  TrainingData apply(TrainingData data) {
    float[] samples = data.samples().clone();
    int length = data.sampleSize() / means.length;
    for (int i = 0; i < samples.length; i++) {
      int channel = i / length % means.length;
      samples[i] = (float) ((samples[i] - means[channel]) / deviations[channel]);
    }
    float[] targets = data.targets().clone();
    for (int i = 0; i < targets.length; i++) {
      targets[i] /= (float) unit;
    }
    return new TrainingData(data.size(), samples, data.sampleSize(), data.classes(), targets);
  }

  /**
   * The model with this scaling inside.
   *
   * @param sample the shape of a sample, channels first
   */
  Model into(Model model, Shape sample) {
    Graph graph = model.graph();
    String input = graph.inputs().getFirst().name();
    String output = graph.outputs().getFirst().name();
    Graph.Builder scaled =
        Graph.builder(graph.name()).inputs(graph.inputs()).initializers(graph.initializers());
    int[] dims = new int[sample.rank()];
    Arrays.fill(dims, 1);
    dims[0] = means.length;
    scaled.initializer("scaling.mean", Tensor.of(floats(means), dims));
    scaled.initializer("scaling.deviation", Tensor.of(floats(deviations), dims));
    scaled.node(new Sub(), List.of(input, "scaling.mean"), "scaling/centred");
    scaled.node(new Div(), List.of("scaling/centred", "scaling.deviation"), "scaling/standardized");
    boolean inUnit = unit != 1;
    for (Node node : graph.nodes()) {
      Node changed = node;
      for (int i = 0; i < node.inputs().size(); i++) {
        if (node.input(i).equals(input)) {
          changed = changed.withInput(i, "scaling/standardized");
        }
      }
      scaled.node(
          Node.of(
              changed.name(),
              changed.operator(),
              changed.inputs(),
              changed.outputs().stream()
                  .map(name -> inUnit && name.equals(output) ? "scaling/share" : name)
                  .toList()));
    }
    if (inUnit) {
      scaled.initializer("scaling.unit", Tensor.scalar((float) unit));
      scaled.node(
          Node.of(
              "scaling/unit",
              new Mul(),
              List.of("scaling/share", "scaling.unit"),
              List.of(output)));
    }
    graph.outputs().forEach(value -> scaled.output(value.name(), value.type()));
    return Model.of(scaled.build(), model.info());
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
