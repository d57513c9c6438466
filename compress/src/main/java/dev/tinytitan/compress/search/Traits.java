package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.TitanException;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingOptions;

/**
 * What there is to know of a model and its data before recipes are proposed.
 *
 * @param trainable whether steps may train
 * @param quantized whether it computes in integers already
 * @param convolutional whether it has convolutions
 * @param products whether it has matrix products of the kind that transformers have
 * @param trainingSize samples to train with
 */
record Traits(
    boolean trainable,
    boolean quantized,
    boolean convolutional,
    boolean products,
    int trainingSize) {

  static Traits of(Model model, SearchData data, int threads) {
    Graph graph = model.graph();
    boolean quantized =
        graph.nodes().stream()
            .anyMatch(node -> node.operator().spec().name().contains("QuantizeLinear"));
    return new Traits(
        !quantized && isTrainable(model, data, threads),
        quantized,
        graph.nodes().stream().anyMatch(node -> node.operator() instanceof Conv),
        graph.nodes().stream().anyMatch(node -> node.operator() instanceof MatMul),
        data.training().size());
  }

  private static boolean isTrainable(Model model, SearchData data, int threads) {
    TrainingOptions options =
        TrainingOptions.of(data.isLabelled() ? Loss.crossEntropy() : Loss.meanSquaredError())
            .withBatch(1)
            .withThreads(threads);
    try (Trainer trainer = Trainer.of(model, options)) {
      return trainer.parameterCount() > 0 && data.trainingData(1, data.isAnswered()).size() > 0;
    } catch (TitanException error) {
      // No gradients for an operator, or data of another form: recipes do without training.
      return false;
    }
  }
}
