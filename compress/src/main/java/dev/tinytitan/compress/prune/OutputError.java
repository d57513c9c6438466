package dev.tinytitan.compress.prune;

import dev.tinytitan.Model;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.ObservedModel;
import dev.tinytitan.compress.internal.Similarity;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** How far a changed model's outputs are from those of the model that it was made from. */
final class OutputError {
  private final Graph graph;
  private final ModelInfo info;
  private final Samples samples;
  private final int threads;
  private final List<Map<String, Tensor>> truth = new ArrayList<>();

  /** Runs the samples on the unchanged graph; its outputs are kept. */
  OutputError(Graph graph, ModelInfo info, Samples samples, int threads) {
    this.graph = graph;
    this.info = info;
    this.samples = samples;
    this.threads = threads;
    try (ObservedModel model = ObservedModel.open(graph, info, List.of(), threads)) {
      for (int i = 0; i < samples.size(); i++) {
        truth.add(model.run(samples.get(i), i));
      }
    }
  }

  /** Compares two models; nothing without samples. */
  static Optional<Quality> quality(Model model, Model changed, Samples samples, int threads) {
    return samples.size() == 0
        ? Optional.empty()
        : Optional.of(
            new OutputError(model.graph(), model.info(), samples, threads).of(changed.graph()));
  }

  /**
   * Compares another graph with the same outputs; each output for itself, the worst one counts.
   *
   * @throws ShapeMismatchException if an output has another shape
   */
  Quality of(Graph other) {
    List<Similarity> similarities = new ArrayList<>();
    graph.outputs().forEach(output -> similarities.add(new Similarity()));
    try (ObservedModel model = ObservedModel.open(other, info, List.of(), threads)) {
      for (int i = 0; i < samples.size(); i++) {
        Map<String, Tensor> actual = model.run(samples.get(i), i);
        for (int j = 0; j < similarities.size(); j++) {
          Value output = graph.outputs().get(j);
          Tensor expected = Objects.requireNonNull(truth.get(i).get(output.name()));
          Tensor given = Objects.requireNonNull(actual.get(output.name()));
          if (!given.shape().equals(expected.shape())) {
            throw new ShapeMismatchException(
                "Output '"
                    + output.name()
                    + "' has become "
                    + given.shape()
                    + "; it was "
                    + expected.shape()
                    + ".");
          }
          if (expected.dtype().isFloat()) {
            similarities.get(j).add(expected, given);
          }
        }
      }
    }
    double signalToNoise = Double.POSITIVE_INFINITY;
    double cosine = 1;
    for (Similarity similarity : similarities) {
      signalToNoise = Math.min(signalToNoise, similarity.signalToNoise());
      cosine = Math.min(cosine, similarity.cosine());
    }
    return new Quality(samples.size(), signalToNoise, cosine);
  }
}
